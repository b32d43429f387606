// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.storage.IoPool.Step;
import io.varve.storage.testkit.SimFs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SteppedIoTest {
    private static final LogSettings SETTINGS = LogSettings.DEFAULT.withSegmentSizeBytes(400);

    private final SimFs files = new SimFs(1);
    private final ArrayDeque<Runnable> scheduled = new ArrayDeque<>();
    private final List<Step> steps = new ArrayList<>();
    private final StepPool pool = new StepPool((step, run) -> {
        steps.add(step);
        scheduled.add(run);
    });
    private final Directories.Listener listener = new Directories.Listener();
    private DataDirectory directory;
    private PartitionLog log;

    @BeforeEach
    void openALog() throws Exception {
        DataDirectory.format(files, Directories.ROOT, Directories.IDENTITY);
        directory = open();
        log = directory.create(Directories.LOG, SETTINGS);
        log.attach(listener);
    }

    @AfterEach
    void allChunksAreReleased() {
        pool.forget();
        directory.abandon();
        assertThat(Chunk.openCount()).isZero();
    }

    private DataDirectory open() throws StorageException {
        return Directories.open(files.newProcess(), Directories.ROOT, SETTINGS, pool);
    }

    private void stage(String... values) {
        for (String value : values) {
            assertThat(log.stage(at(log.stagedEndOffset(), 1, produced(1, value))))
                    .isTrue();
        }
    }

    private Step step() {
        Step step = steps.get(steps.size() - scheduled.size());
        scheduled.remove().run();
        return step;
    }

    @Test
    void shouldTellOfAGroupThatIsWrittenBeforeItIsFlushed() {
        stage("a", "b");
        assertThat(step()).isEqualTo(Step.EPOCH);
        assertThat(listener.heard).isEmpty();
        assertThat(step()).isEqualTo(Step.WRITE);
        assertThat(listener.heard).containsExactly("progress 2 0");
        assertThat(log.stagedBytes()).isPositive();
        assertThat(step()).isEqualTo(Step.FLUSH);
        assertThat(listener.heard).containsExactly("progress 2 0", "progress 2 2");
        assertThat(log.stagedBytes()).isZero();
        assertThat(scheduled).isEmpty();
    }

    @Test
    void shouldTellOnceOfAGroupThatAPoolOfThreadsWritesAndFlushes() throws Exception {
        StepExecutor threads = new StepExecutor();
        SimFs other = new SimFs(2);
        DataDirectory.format(other, Directories.ROOT, Directories.IDENTITY);
        DataDirectory opened = threads.directly(() -> Directories.open(other, Directories.ROOT, SETTINGS, threads));
        log = opened.create(Directories.LOG, SETTINGS);
        log.attach(listener);
        stage("a", "b");
        assertThat(threads.step()).isTrue(); // all of it in one task
        assertThat(listener.heard).containsExactly("progress 2 2");
        assertThat(threads.step()).isFalse();
    }

    @Test
    void shouldLetWhatIsStagedWaitForAPendingFlush() {
        stage("a");
        step();
        step();
        stage("b");
        assertThat(scheduled).hasSize(1);
        assertThat(step()).isEqualTo(Step.FLUSH);
        assertThat(listener.heard).endsWith("progress 1 1");
        assertThat(step()).isEqualTo(Step.WRITE);
        assertThat(step()).isEqualTo(Step.FLUSH);
        assertThat(listener.heard).endsWith("progress 2 1", "progress 2 2");
    }

    @Test
    void shouldLoseNothingButTheUnflushedWhenThePowerGoesBeforeTheFlush() throws Exception {
        stage("a");
        step();
        step();
        step();
        stage("b");
        step();
        assertThat(log.writtenEndOffset()).isEqualTo(2);
        files.losePower();
        pool.forget();
        directory.abandon();
        scheduled.forEach(Runnable::run); // what is left of the dead process does nothing
        directory = open();
        log = directory.find(Directories.LOG).orElseThrow();
        assertThat(log.writtenEndOffset()).isBetween(1L, 2L);
    }

    @Test
    void shouldSayWhichStepComesNext() throws Exception {
        log.truncateTo(0);
        assertThat(step()).isEqualTo(Step.CHANGE);
        log.flush();
        assertThat(step()).isEqualTo(Step.FLUSH);
        directory.close();
        scheduled.clear();
        steps.clear();
        directory = open();
        assertThat(steps).containsExactly(Step.OPEN);
    }

    @Test
    void shouldNeverWaitForAnotherThread() throws Exception {
        stage("a", "b", "c");
        directory.checkpoint();
        directory.create(new LogId(Directories.LOG.topicId(), 1), SETTINGS);
        directory.delete(new LogId(Directories.LOG.topicId(), 1));
        directory.close();
        assertThat(listener.heard).endsWith("progress 3 3");
        assertThat(pool.pending()).isZero();
        directory = open();
        assertThat(directory.find(Directories.LOG).orElseThrow().writtenEndOffset())
                .isEqualTo(3);
        directory.setAside(Directories.LOG);
        assertThat(directory.logs()).isEmpty();
    }

    @Test
    void shouldGoOnAfterAListenerThrewAnError() {
        log.attach(new LogListener() {
            @Override
            public void onProgress(long writtenEndOffset, long flushedEndOffset) {
                log.attach(listener);
                throw new AssertionError("from a listener");
            }

            @Override
            public void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset) {}
        });
        stage("a");
        step();
        assertThatThrownBy(this::step).hasMessage("from a listener");
        step();
        stage("b");
        step();
        step();
        assertThat(listener.heard).containsExactly("progress 1 1", "progress 2 1", "progress 2 2");
    }

    @Test
    void shouldAnswerForTheEpochOfAnyOffset() {
        stage("a", "b");
        log.assignEpoch(4, 2);
        assertThat(log.epochChain()).isSameAs(log.epochChain()).hasSize(2);
        assertThat(log.lastEpoch()).isEqualTo(4);
        assertThat(List.of(log.epochAt(0), log.epochAt(1), log.epochAt(2), log.epochAt(9)))
                .containsExactly(1, 1, 4, 4);
    }
}
