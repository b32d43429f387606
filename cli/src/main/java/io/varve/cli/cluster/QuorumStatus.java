// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.cluster;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Failures;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.cli.Units;
import io.varve.cli.WatchOptions;
import io.varve.client.AdminCluster;
import io.varve.client.VarveClient;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.QuorumMember;
import io.varve.proto.v1.QuorumRole;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "status", description = "Show who leads the metadata quorum and how far each of its voters is.")
final class QuorumStatus implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private WatchOptions watch = new WatchOptions();

    QuorumStatus(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (VarveClient client = connection.client(console)) {
            AdminCluster admin = client.admin().cluster();
            return watch.run(console, () -> show(admin.describeQuorum().join()));
        }
    }

    /** What is known is shown in any case; a leader that could not be asked is a failure all the same. */
    private int show(DescribeQuorumResponse quorum) {
        console.print(output.json() ? ProtoJson.of(quorum) + "\n" : render(quorum));
        if (quorum.hasError() && !output.json()) {
            Failures.print(Failures.of(quorum.getError()), false, console);
        }
        return (quorum.getLeader() == 0 || quorum.hasError() ? ExitStatus.UNHEALTHY : ExitStatus.OK).code();
    }

    static String render(DescribeQuorumResponse quorum) {
        String head = "LEADER %s   TERM %d   COMMIT %d   SNAPSHOT %s%n"
                .formatted(
                        HealthReport.idOrNone(quorum.getLeader()),
                        quorum.getTerm(),
                        quorum.getCommitIndex(),
                        quorum.getSnapshotIndex() == 0 ? "-" : quorum.getSnapshotIndex());
        Table table = new Table(">BROKER", "ROLE", "ADDRESS", ">MATCH", ">LAG", ">LAST-CONTACT", "STATE");
        for (QuorumMember member : quorum.getMembersList()) {
            table.row(
                    member.getNodeId(),
                    word(member.getRole().name(), "QUORUM_ROLE_"),
                    member.getAddress().isEmpty() ? "-" : member.getAddress(),
                    known(member.getMatchIndex()),
                    known(member.getLag()),
                    member.getRole() == QuorumRole.QUORUM_ROLE_LEADER || member.getLastContactMs() < 0
                            ? "-"
                            : Units.span(member.getLastContactMs()),
                    state(member));
        }
        return head + table.render();
    }

    private static String state(QuorumMember member) {
        return switch (member.getState()) {
            case QUORUM_MEMBER_STATE_REACHABLE ->
                member.getRole() == QuorumRole.QUORUM_ROLE_OBSERVER ? "following" : "voting";
            case QUORUM_MEMBER_STATE_UNREACHABLE -> "unreachable";
            case QUORUM_MEMBER_STATE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }

    private static String known(long number) {
        return number < 0 ? "-" : String.valueOf(number);
    }

    private static String word(String name, String prefix) {
        return name.replace(prefix, "").toLowerCase(Locale.ROOT);
    }
}
