// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.cluster;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.WatchOptions;
import io.varve.client.AdminCluster;
import io.varve.client.VarveClient;
import io.varve.proto.v1.DescribeClusterResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "status",
        description = "Show the cluster with its nodes, and what is wrong with it.",
        footer = {"", "Exit code 10: the cluster answers and is not healthy."})
final class ClusterStatus implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private WatchOptions watch = new WatchOptions();

    ClusterStatus(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (VarveClient client = connection.client(console)) {
            AdminCluster admin = client.admin().cluster();
            return watch.run(console, () -> show(admin));
        }
    }

    private int show(AdminCluster admin) {
        DescribeClusterResponse cluster = admin.describe().join();
        if (output.json()) {
            console.println(ProtoJson.of(cluster));
        } else {
            console.print(HealthReport.render(cluster)
                    + BrokerList.render(admin.listNodes().join()));
        }
        return (cluster.getHealthy() ? ExitStatus.OK : ExitStatus.UNHEALTHY).code();
    }
}
