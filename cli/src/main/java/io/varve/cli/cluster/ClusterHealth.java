// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.cluster;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.WatchOptions;
import io.varve.client.VarveClient;
import io.varve.proto.v1.DescribeClusterResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "health",
        description = "Tell whether all is well, and if not, what is wrong and what to do.",
        footer = {"", "Exit code 10: the cluster answers and is not healthy."})
final class ClusterHealth implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private WatchOptions watch = new WatchOptions();

    @Option(names = "--exit-when-healthy", description = "End a --watch as soon as all is well.")
    private boolean exitWhenHealthy;

    ClusterHealth(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (VarveClient client = connection.client(console)) {
            return watch.run(console, new Look(client));
        }
    }

    private final class Look implements WatchOptions.Look {
        private final VarveClient client;
        private boolean healthy;

        Look(VarveClient client) {
            this.client = client;
        }

        @Override
        public int show() {
            DescribeClusterResponse cluster =
                    client.admin().cluster().describe().join();
            healthy = cluster.getHealthy();
            console.print(output.json() ? ProtoJson.of(cluster) + "\n" : HealthReport.render(cluster));
            return (healthy ? ExitStatus.OK : ExitStatus.UNHEALTHY).code();
        }

        @Override
        public boolean again() {
            return !(exitWhenHealthy && healthy);
        }
    }
}
