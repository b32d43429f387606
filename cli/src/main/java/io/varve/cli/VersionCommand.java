// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "version", description = "Show the version of this command.")
final class VersionCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private OutputOptions output = new OutputOptions();

    VersionCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        String version = version();
        String java = System.getProperty("java.version");
        console.println(
                output.json()
                        ? "{\"version\": \"%s\", \"java\": \"%s\"}".formatted(version, java)
                        : "varve " + version + " (java " + java + ")");
        return ExitStatus.OK.code();
    }

    static String version() {
        try (InputStream in = VersionCommand.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
