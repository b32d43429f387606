// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.lang.reflect.Constructor;
import picocli.CommandLine;

/** Makes commands, handing the console to those that ask for it in their constructor. */
final class ConsoleFactory implements CommandLine.IFactory {
    private final Console console;
    private final CommandLine.IFactory others = CommandLine.defaultFactory();

    ConsoleFactory(Console console) {
        this.console = console;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (constructor.getParameterCount() == 1 && constructor.getParameterTypes()[0] == Console.class) {
                constructor.setAccessible(true);
                return type.cast(constructor.newInstance(console));
            }
        }
        return others.create(type);
    }
}
