// SPDX-License-Identifier: Apache-2.0
package io.varve.it;

import io.varve.node.bootstrap.ClusterNode;
import io.varve.node.config.ConfigReader;
import io.varve.node.config.NodeConfig;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.RealFiles;
import io.varve.storage.file.StoreFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * A node that acknowledges without having forced anything: its logs are on files whose force does nothing. Lives among the tests, so that nobody can
 * start it by a setting. Arguments as {@code NodeMain}: {@code run --config FILE}.
 */
public final class NoFlushNodeMain {
    private NoFlushNodeMain() {}

    public static void main(String[] args) throws Exception {
        NodeConfig config = new ConfigReader(Map.of(), new NoTopicDefaults())
                .readFile(Path.of(args[2]))
                .config();
        ClusterNode node = ClusterNode.of(config, unforced(FileStore.class, new RealFiles()));
        node.start();
        node.awaitStopped();
    }

    /** Everything as the real one does it, but for {@code force} and {@code forceDirectory}, of it and of the files that it opens. */
    private static <T> T unforced(Class<T> port, T real) {
        Object proxy = Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, (self, method, args) -> {
            if (method.getName().startsWith("force")) {
                return null;
            }
            try {
                Object result = method.invoke(real, args);
                return result instanceof StoreFile file ? unforced(StoreFile.class, file) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
            }
        });
        return port.cast(proxy);
    }

    private static final class NoTopicDefaults implements ConfigReader.TopicDefaults {
        @Override
        public Set<String> names() {
            return Set.of();
        }

        @Override
        public String problem(String name, String value) {
            return "";
        }
    }
}
