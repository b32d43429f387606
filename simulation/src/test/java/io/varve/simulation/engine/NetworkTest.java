// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.simulation.engine.Network.Break;
import io.varve.simulation.engine.Network.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NetworkTest {
    private static final long SECOND = 1_000_000_000L;

    private final Scheduler scheduler = new Scheduler(new SimRandom(1), new Trace());
    private final Counting transfer = new Counting();
    private final Network network = new Network(scheduler, new SimRandom(1), transfer, Latency.LOCAL);
    private final NodeProcess one = host(1);
    private final NodeProcess two = host(2);
    private final End near = new End();
    private final End far = new End();

    /** Says what it heard. */
    private static final class End implements StreamHandler {
        final List<Object> heard = new ArrayList<>();

        @Override
        public void onOpen() {
            heard.add("open");
        }

        @Override
        public void onMessage(Object payload) {
            heard.add(payload);
        }

        @Override
        public void onReady() {
            heard.add("ready");
        }

        @Override
        public void onClosed(Closed why) {
            heard.add(why);
        }
    }

    private static final class Counting implements Transfer {
        int open;

        @Override
        public Object deliver(Object payload) {
            open--;
            return payload;
        }

        @Override
        public void lose(Object payload) {
            open--;
        }

        @Override
        public int sizeBytes(Object payload) {
            return 1000;
        }
    }

    private NodeProcess host(int node) {
        NodeProcess process = new NodeProcess(node, scheduler, new NodeClock(scheduler, 0, 0));
        process.start();
        network.addHost(process);
        return process;
    }

    private NetStream connect() {
        network.listen(2, (stream, from, hello) -> far);
        NetStream stream = network.dial(1, 2, StreamKind.DATA, "hello", near);
        run(1);
        near.heard.clear();
        return stream;
    }

    private void send(NetStream stream, int from, int to) {
        for (int i = from; i < to; i++) {
            transfer.open++;
            stream.send(i);
        }
    }

    private static List<Object> numbers(int from, int to) {
        return IntStream.range(from, to).<Object>mapToObj(i -> i).toList();
    }

    private void run(double seconds) {
        scheduler.runUntil(scheduler.now() + (long) (seconds * SECOND));
    }

    @Test
    void shouldDeliverInOrderWhateverTheLatency() {
        NetStream stream = connect();
        send(stream, 0, 1000);
        run(1);
        assertThat(far.heard).isEqualTo(numbers(0, 1000));
        assertThat(transfer.open).isZero();
    }

    @Test
    void shouldDeliverWhatWasSentBeforeTheOtherSideAccepted() {
        network.listen(2, (stream, from, hello) -> far);
        NetStream stream = network.dial(1, 2, StreamKind.DATA, "hello", near);
        send(stream, 0, 3);
        run(1);
        assertThat(far.heard).isEqualTo(numbers(0, 3));
        assertThat(near.heard).containsExactly("open");
    }

    @Test
    void shouldReorderAcrossStreams() {
        List<Object> arrived = new ArrayList<>();
        network.listen(2, (stream, from, hello) -> new StreamHandler() {
            @Override
            public void onMessage(Object payload) {
                arrived.add(payload);
            }

            @Override
            public void onClosed(Closed why) {}
        });
        List<NetStream> streams = IntStream.range(0, 50)
                .mapToObj(i -> network.dial(1, 2, StreamKind.DATA, "hello", new End()))
                .toList();
        run(1);
        for (int i = 0; i < 50; i++) {
            send(streams.get(i), i, i + 1);
        }
        run(1);
        assertThat(arrived).hasSize(50).isNotEqualTo(numbers(0, 50));
    }

    @Test
    void shouldRefuseADialWhenTheProcessIsDead() {
        two.end(false);
        network.dial(1, 2, StreamKind.DATA, "hello", near);
        run(1);
        assertThat(near.heard).containsExactly(StreamHandler.Closed.REFUSED);
    }

    @Test
    void shouldStaySilentWhenTheMachineHasNoPowerOrIsCutOff() {
        two.end(true);
        network.dial(1, 2, StreamKind.DATA, "hello", near);
        network.block(2, 1);
        run(20);
        assertThat(near.heard).isEmpty();
        run(20);
        assertThat(near.heard).containsExactly(StreamHandler.Closed.TIMED_OUT);
    }

    @Test
    void shouldConnectLateWhenAPartitionHeals() {
        network.listen(2, (stream, from, hello) -> far);
        network.block(1, 2);
        network.dial(1, 2, StreamKind.DATA, "hello", near);
        run(5);
        assertThat(near.heard).isEmpty();
        network.unblock(1, 2);
        run(2);
        assertThat(near.heard).containsExactly("open");
    }

    @Test
    void shouldDeliverAfterAPartitionWhatWasSentInIt() {
        NetStream stream = connect();
        network.block(1, 2);
        network.block(1, 2);
        send(stream, 0, 10);
        run(5);
        network.unblock(1, 2);
        run(5);
        assertThat(far.heard).isEmpty();
        network.unblock(1, 2);
        run(1);
        assertThat(far.heard).isEqualTo(numbers(0, 10));
    }

    @Test
    void shouldLetTheOtherDirectionThroughInAOneWayPartition() {
        NetStream stream = connect();
        network.block(1, 2);
        send(stream.other(), 0, 10);
        run(1);
        assertThat(near.heard).isEqualTo(numbers(0, 10));
    }

    @Test
    void shouldTellThePeerWhenAProcessDies() {
        NetStream stream = connect();
        two.end(false);
        run(1);
        assertThat(near.heard).containsExactly(StreamHandler.Closed.RESET);
        assertThat(stream.isClosed()).isTrue();
    }

    @Test
    void shouldLeaveThePeerHalfOpenAfterAPowerLossUntilItSends() {
        NetStream stream = connect();
        two.end(true);
        send(stream, 0, 3);
        run(5);
        assertThat(near.heard).isEmpty();
        assertThat(transfer.open).isZero();
        two.start();
        run(5);
        assertThat(near.heard).isEmpty();
        send(stream, 3, 4);
        run(1);
        assertThat(near.heard).containsExactly(StreamHandler.Closed.RESET);
        assertThat(far.heard).isEmpty();
    }

    @Test
    void shouldHoldAConnectionAndDeliverItToTheOldEndAfterTheSenderClosed() {
        NetStream stream = connect();
        network.hold(stream, true, 60 * SECOND);
        send(stream, 0, 5);
        run(2);
        stream.close();
        run(50);
        assertThat(far.heard).isEmpty();
        run(20);
        assertThat(far.heard.subList(0, 5)).isEqualTo(numbers(0, 5));
        assertThat(far.heard.get(5)).isEqualTo(StreamHandler.Closed.BY_PEER);
    }

    @Test
    void shouldTellBothEndsOfABrokenConnection() {
        NetStream stream = connect();
        send(stream, 0, 5);
        network.breakStream(stream, Break.BOTH, 0);
        run(1);
        assertThat(near.heard).containsExactly(StreamHandler.Closed.RESET);
        assertThat(far.heard).containsExactly(StreamHandler.Closed.RESET);
        assertThat(transfer.open).isZero();
    }

    @Test
    void shouldTellOneEndLateWhenAConnectionIsHalfOpen() {
        NetStream stream = connect();
        network.breakStream(stream, Break.HALF_OPEN_HIGH, 30 * SECOND);
        send(stream.other(), 0, 5);
        run(10);
        assertThat(near.heard).containsExactly(StreamHandler.Closed.RESET);
        assertThat(far.heard).isEmpty();
        run(30);
        assertThat(far.heard).containsExactly(StreamHandler.Closed.RESET);
        assertThat(transfer.open).isZero();
    }

    @Test
    void shouldDeliverToAPausedProcessWhenItGoesOn() {
        NetStream stream = connect();
        two.pause(10 * SECOND);
        send(stream, 0, 5);
        network.dial(1, 2, StreamKind.CONTROL, "hello", new End());
        run(5);
        assertThat(far.heard).isEmpty();
        run(6);
        assertThat(far.heard).isEqualTo(numbers(0, 5));
    }

    @Test
    void shouldLoseWhatAPausedProcessHadNotReadWhenItDies() {
        NetStream stream = connect();
        two.pause(10 * SECOND);
        send(stream, 0, 5);
        run(1);
        two.end(false);
        run(1);
        assertThat(transfer.open).isZero();
        assertThat(near.heard).containsExactly(StreamHandler.Closed.RESET);
    }

    @Test
    void shouldTakeAsLongAsTheBandwidthSays() {
        NetStream stream = connect();
        network.slow(1, 2, 10_000, Latency.LOCAL);
        send(stream, 0, 20);
        run(1.05);
        assertThat(far.heard).hasSize(10);
        network.endSlow(1, 2);
        run(2);
        assertThat(far.heard).hasSize(20);
    }

    @Test
    void shouldSayWhenThereIsRoomAgain() {
        NetStream stream = connect();
        send(stream, 0, 300);
        assertThat(stream.ready()).isFalse();
        run(1);
        assertThat(near.heard).containsExactly("ready");
    }

    @Test
    void shouldGiveBackEverythingAtTheEnd() {
        NetStream stream = connect();
        network.block(1, 2);
        send(stream, 0, 5);
        send(stream.other(), 0, 5);
        network.loseAll();
        assertThat(transfer.open).isZero();
        assertThat(network.lost()).isEqualTo(10);
        assertThat(one.alive()).isTrue();
    }
}
