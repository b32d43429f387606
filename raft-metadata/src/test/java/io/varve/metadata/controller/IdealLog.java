// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort.Completion;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.machine.Applied;
import io.varve.metadata.machine.ApplyContext;
import io.varve.metadata.machine.ImageInvariants;
import io.varve.metadata.machine.MetadataMachine;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A linearizable log with three voters that apply it at their own pace, leaders that come and go, and answers that are
 * lost, late or wrong about what happened. Checks every entry.
 */
final class IdealLog {

    static final int VOTERS = 3;

    private final Random random;
    private final MetadataMachine machine = new MetadataMachine();
    private final List<Applied> entries = new ArrayList<>();
    private final List<Voter> voters = new ArrayList<>();
    private final List<MetadataCommand> delayed = new ArrayList<>();
    private final Map<ReplicaId, Map<Integer, Integer>> leaders = new TreeMap<>();
    private long term;
    private int leader = -1;
    boolean faults = true;
    int elections;
    int ambiguous;

    /** One voter: what it has applied, and the controller on it. */
    final class Voter {
        final int at;
        final ControllerCore core;
        int applied;
        long readyTerm;
        final TreeMap<Integer, List<Runnable>> answers = new TreeMap<>();

        Voter(int at, BrokerPort brokers) {
            this.at = at;
            this.core = new ControllerCore(
                    at + 1,
                    new UUID(1, at),
                    (command, completion) -> submit(this, command, completion),
                    brokers,
                    this::image,
                    new ContactTimes(),
                    ControllerSettings.DEFAULT);
        }

        MetadataImage image() {
            return applied == 0 ? MetadataImage.EMPTY : entries.get(applied - 1).image();
        }

        void apply(int upTo, long nowNanos) {
            while (applied < Math.min(upTo, entries.size())) {
                applied++;
                var due = answers.remove(applied);
                if (due != null) {
                    due.forEach(Runnable::run);
                }
            }
            if (at == leader && readyTerm != term && applied == entries.size()) {
                readyTerm = term;
                core.onLeaderReady(term, nowNanos);
            }
        }
    }

    IdealLog(Random random, BrokerPort brokers) {
        this.random = random;
        for (int at = 0; at < VOTERS; at++) {
            voters.add(new Voter(at, brokers));
        }
    }

    List<Voter> voters() {
        return voters;
    }

    MetadataImage image() {
        return entries.isEmpty()
                ? MetadataImage.EMPTY
                : entries.get(entries.size() - 1).image();
    }

    void elect() {
        int before = leader;
        leader = random.nextInt(VOTERS);
        term++;
        elections++;
        // A leader that was cut off may hear of it late, or after it has been elected again.
        if (before >= 0 && (before == leader || random.nextInt(3) > 0)) {
            voters.get(before).core.onNotLeader();
        }
    }

    void step(long nowNanos) {
        for (var voter : voters) {
            int behind = faults ? random.nextInt(4) : 0;
            voter.apply(entries.size() - behind, nowNanos);
        }
        if (!delayed.isEmpty() && random.nextInt(10) == 0) {
            append(delayed.remove(random.nextInt(delayed.size())));
        }
    }

    private void submit(Voter voter, MetadataCommand command, Completion completion) {
        if (voter.at != leader || (faults && random.nextInt(20) == 0)) {
            // Perhaps it knows that it does not lead, perhaps it only heard nothing.
            boolean knows = random.nextBoolean();
            answer(voter, entries.size() + 1, () -> completion.failed(knows ? notLeader() : unknown()));
            return;
        }
        append(command);
        int index = entries.size();
        var reply = new ApplyReply(index, term, entries.get(index - 1).result());
        if (faults && random.nextInt(10) == 0) {
            ambiguous++;
            answer(voter, index, () -> completion.failed(unknown()));
            if (random.nextBoolean()) {
                delayed.add(command); // a copy that comes much later, perhaps under another leader
            }
            return;
        }
        answer(voter, index, () -> completion.applied(reply));
        if (faults && random.nextInt(10) == 0) {
            append(command);
        }
    }

    /** At the earliest when the voter has applied this index; never within the call. */
    private void answer(Voter voter, int index, Runnable answer) {
        int at = Math.max(index, voter.applied + 1);
        voter.answers.computeIfAbsent(at, i -> new ArrayList<>()).add(answer);
        if (at > entries.size()) {
            append(MetadataCommand.unfenced(new io.varve.metadata.command.CommandBody.NoOp(0, 0)));
        }
    }

    private void append(MetadataCommand command) {
        var before = image();
        int index = entries.size() + 1;
        var applied = machine.apply(before, new ApplyContext(index, term), command);
        entries.add(applied);
        assertThat(applied.fatal()).isEmpty();
        applied.result()
                .rejection()
                .ifPresent(e -> assertThat(e.message()).doesNotContain("of the metadata log failed"));
        assertThat(ImageInvariants.violation(applied.image())).isEmpty();
        assertThat(applied.image().nextProducerId()).isGreaterThanOrEqualTo(before.nextProducerId());
        for (var r : applied.delta().records()) {
            if (r instanceof PartitionRecord p) {
                oneLeaderPerEpoch(new ReplicaId(p.topicId(), p.partition().partition()));
            }
        }
    }

    /** I7, as far as the metadata decides it. */
    private void oneLeaderPerEpoch(ReplicaId id) {
        var p = image().topics().find(id).orElseThrow();
        if (p.hasLeader()) {
            var before = leaders.computeIfAbsent(id, i -> new TreeMap<>()).putIfAbsent(p.leaderEpoch(), p.leader());
            assertThat(before == null ? p.leader() : before)
                    .as("leader of %s", p)
                    .isEqualTo(p.leader());
        }
    }

    int size() {
        return entries.size();
    }

    MetadataImage at(int index) {
        return index == 0 ? MetadataImage.EMPTY : entries.get(index - 1).image();
    }

    private static MetadataRejection notLeader() {
        return MetadataRejection.notApplied(ErrorReason.ERROR_REASON_NOT_CONTROLLER, "another leads");
    }

    private static MetadataRejection unknown() {
        return MetadataRejection.indeterminate(ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR, "no answer");
    }
}
