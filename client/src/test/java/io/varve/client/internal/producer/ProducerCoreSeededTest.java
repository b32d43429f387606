// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.internal.producer.SimulatedLog.Entry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProducerCoreSeededTest {
    private static final int SEEDS = Integer.getInteger("varve.seeds", 100);
    private static final long FIRST_SEED = Long.getLong("varve.seed", 1);

    @Test
    void shouldStoreEachRecordOnceAndInOrderWhateverTheNodesDo() {
        int retries = 0;
        int epochs = 0;
        int stored = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            try {
                ProducerSimulation s = run(seed, true);
                shouldAgreeWithTheLogs(s);
                retries += s.retriesSeen;
                epochs += s.highestEpoch;
                stored += (int)
                        s.outcomes.values().stream().filter("STORED"::equals).count();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + " (-Dvarve.seed=" + seed + " -Dvarve.seeds=1): " + e, e);
            }
        }
        // The world was hostile enough to mean something.
        assertThat(retries).isGreaterThan(SEEDS);
        assertThat(epochs).isGreaterThan(SEEDS / 4);
        assertThat(stored).isGreaterThan(100 * SEEDS);
    }

    @Test
    void shouldTellEachOutcomeOnceAndInOrderWithoutIdempotence() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 4; seed++) {
            try {
                shouldTellEverythingOnceInOrder(run(seed, false));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + " (-Dvarve.seed=" + seed + "): " + e, e);
            }
        }
    }

    private static ProducerSimulation run(long seed, boolean idempotent) {
        ProducerSimulation s = new ProducerSimulation(seed, 1 + (int) (seed % 4), idempotent);
        for (int i = 0; i < 1_500; i++) {
            s.step();
            s.endResets();
        }
        s.healthy = true;
        for (int i = 0; i < 3_000 && s.outcomes.size() < s.nextRecord; i++) {
            s.core.flush(s.now);
            s.step();
            s.endResets();
        }
        int last = s.nextRecord;
        for (int i = 0; i < 20_000 && !tolerablyDone(s, last); i++) {
            s.step();
            s.endResets();
        }
        for (int record = 0; record < last; record++) {
            if (!s.outcomes.containsKey(record)) {
                throw new AssertionError("record " + record + " never had an outcome");
            }
        }
        return s;
    }

    private static boolean tolerablyDone(ProducerSimulation s, int last) {
        for (int record = last - 1; record >= 0; record--) {
            if (!s.outcomes.containsKey(record)) {
                return false;
            }
        }
        return s.strays.isEmpty();
    }

    private static void shouldAgreeWithTheLogs(ProducerSimulation s) {
        shouldTellEverythingOnceInOrder(s);
        Set<Integer> present = new HashSet<>();
        for (SimulatedLog log : s.logs) {
            int before = -1;
            for (Entry e : log.entries) {
                long offset = e.baseOffset;
                for (int record : e.request.records()) {
                    assertThat(present.add(record))
                            .as("record %s stored once", record)
                            .isTrue();
                    assertThat(record).as("stored in the order sent").isGreaterThan(before);
                    before = record;
                    String outcome = s.outcomes.get(record);
                    long toldOffset = s.offsets.getOrDefault(record, -1L);
                    if ("NOT_APPLIED".equals(outcome) || (toldOffset >= 0 && toldOffset != offset)) {
                        throw new AssertionError("record " + record + " is stored at " + offset + ", the user was told "
                                + outcome + " " + toldOffset);
                    }
                    offset++;
                }
            }
        }
        s.outcomes.forEach((record, outcome) -> {
            if (outcome.equals("STORED") && !present.contains(record)) {
                throw new AssertionError("record " + record + " was acknowledged and is not there");
            }
        });
    }

    private static void shouldTellEverythingOnceInOrder(ProducerSimulation s) {
        for (List<Integer> order : s.toldOrder) {
            for (int i = 1; i < order.size(); i++) {
                if (order.get(i) <= order.get(i - 1)) {
                    throw new AssertionError("told of " + order.get(i) + " after " + order.get(i - 1));
                }
            }
        }
        for (Batch b : s.told) {
            if (b.openFlights == 0 && !s.released.contains(b)) {
                throw new AssertionError("bytes never released");
            }
        }
    }
}
