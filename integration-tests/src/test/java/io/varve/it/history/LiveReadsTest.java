// SPDX-License-Identifier: Apache-2.0
package io.varve.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.it.history.Finding.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LiveReadsTest {
    private static final int RECORDS = 10;

    private final List<ConsumedRecord> log = records();
    private final List<ConsumedRecord> live = new ArrayList<>(log);

    @Test
    void shouldFindNothingWhenTheConsumerSawTheLog() {
        assertThat(found()).isEmpty();
    }

    @Test
    void shouldFindARecordThatAnotherOneReplaced() {
        live.set(4, new ConsumedRecord(4, 999, 1));

        assertThat(found()).containsExactly(Kind.UNCOMMITTED_READ);
    }

    @Test
    void shouldFindARecordWithOtherBytes() {
        live.set(4, new ConsumedRecord(4, 4, live.get(4).hash() + 1));

        assertThat(found()).containsExactly(Kind.UNCOMMITTED_READ);
    }

    @Test
    void shouldFindARecordBeyondTheEndOfTheLog() {
        log.remove(RECORDS - 1);

        assertThat(found()).containsExactly(Kind.UNCOMMITTED_READ);
    }

    @Test
    void shouldFindARecordGivenTwice() {
        live.add(5, live.get(3));

        assertThat(found()).containsExactly(Kind.DUPLICATED);
    }

    @Test
    void shouldFindARecordLeftOut() {
        live.remove(3);

        assertThat(found()).containsExactly(Kind.UNSEEN);
    }

    @Test
    void shouldFindAConsumerThatStoppedBeforeTheEnd() {
        live.subList(6, RECORDS).clear();

        assertThat(found()).containsExactly(Kind.UNSEEN);
    }

    private List<Kind> found() {
        return LiveReads.check("orders-0", "consumer 1", live, log).stream()
                .map(Finding::kind)
                .toList();
    }

    private static List<ConsumedRecord> records() {
        return new ArrayList<>(LongStream.range(0, RECORDS)
                .mapToObj(at -> new ConsumedRecord(at, at, at * 31))
                .toList());
    }
}
