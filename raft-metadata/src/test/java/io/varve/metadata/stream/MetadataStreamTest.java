// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.ProducerIdsRecord;
import io.varve.metadata.stream.StreamMessage.Current;
import io.varve.metadata.stream.StreamMessage.Deltas;
import io.varve.metadata.stream.StreamMessage.ImageEnd;
import io.varve.metadata.stream.StreamMessage.ImagePart;
import io.varve.metadata.stream.StreamMessage.Refusal;
import io.varve.metadata.stream.StreamMessage.Refused;
import io.varve.metadata.stream.StreamMessage.Subscribe;
import io.varve.metadata.stream.StreamMessage.ToFeed;
import io.varve.metadata.stream.StreamMessage.ToFollower;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A feed and a follower, message by message. */
class MetadataStreamTest {

    private static final long MS = 1_000_000;
    private final List<ToFollower> sent = new ArrayList<>();
    private final List<Long> closed = new ArrayList<>();
    private boolean takesMore = true;
    private final MetadataFeed feed =
            new MetadataFeed(new FeedSettings(3, 100, 2, Duration.ofMillis(500)), new FeedPort() {
                @Override
                public boolean send(long stream, ToFollower message) {
                    sent.add(message);
                    return takesMore;
                }

                @Override
                public void close(long stream) {
                    closed.add(stream);
                }
            });
    private MetadataImage image = MetadataImage.EMPTY;

    private final List<String> calls = new ArrayList<>();
    private final List<MetadataUpdate> updates = new ArrayList<>();
    private final MetadataFollower follower =
            new MetadataFollower(9, List.of(1, 2), MetadataImage.EMPTY, FollowerSettings.DEFAULT, new FollowerPort() {
                @Override
                public void connect(int voter, long stream) {
                    calls.add("connect " + voter + " " + stream);
                }

                @Override
                public void send(long stream, ToFeed message) {
                    var s = (Subscribe) message;
                    calls.add(
                            "subscribe " + s.subscription() + " after " + s.lastIndex() + (s.whole() ? " whole" : ""));
                }

                @Override
                public void close(long stream) {
                    calls.add("close " + stream);
                }

                @Override
                public void publish(MetadataUpdate update) {
                    updates.add(update);
                }

                @Override
                public void diverged(String detail) {
                    calls.add("diverged");
                }
            });

    private MetadataDelta delta(long index, long prevIndex) {
        return new MetadataDelta(index, 1, prevIndex, List.of(new ProducerIdsRecord(index)));
    }

    private void apply(long... indexes) {
        for (long index : indexes) {
            var delta = delta(index, image.index());
            image = image.plus(delta);
            feed.onApplied(delta, image, 0);
        }
    }

    private List<ToFollower> sent() {
        var copy = List.copyOf(sent);
        sent.clear();
        return copy;
    }

    private List<String> calls() {
        var copy = List.copyOf(calls);
        calls.clear();
        return copy;
    }

    private void follow() {
        follower.tick(0);
        follower.onConnected(1, 0);
        assertThat(calls()).containsExactly("connect 1 1", "subscribe 2 after 0");
    }

    @Test
    void shouldSendWhatTheHistoryHasAndThenEachDelta() {
        feed.onImage(image, 0);
        apply(2, 3, 5);
        feed.onSubscribe(7, new Subscribe(9, 1, 2, 1, false), 0);
        assertThat(sent())
                .containsExactly(
                        new Deltas(1, List.of(delta(3, 2))),
                        new Deltas(1, List.of(delta(5, 3))),
                        new Current(1, 5, 1, true));
        apply(6);
        assertThat(sent()).containsExactly(new Deltas(1, List.of(delta(6, 5))));
        feed.tick(499 * MS);
        assertThat(sent()).isEmpty();
        feed.tick(500 * MS);
        assertThat(sent()).containsExactly(new Current(1, 6, 1, true));
    }

    @Test
    void shouldSendAWholeImageInPiecesWhenTheHistoryIsTooShort() {
        feed.onImage(image, 0);
        apply(2, 3, 5, 6);
        feed.onSubscribe(7, new Subscribe(9, 1, 0, 0, false), 0);
        var messages = sent();
        assertThat(messages).hasSize(4);
        assertThat(messages.subList(0, 2)).hasOnlyElementsOfType(ImagePart.class);
        assertThat(((ImageEnd) messages.get(2)).index()).isEqualTo(6);
        follow();
        messages.stream().map(m -> renumbered(m, 2)).forEach(m -> follower.onMessage(m, 1));
        assertThat(updates).containsExactly(MetadataUpdate.reset(image));
        assertThat(follower.isCurrent()).isTrue();
    }

    private static ToFollower renumbered(ToFollower m, long subscription) {
        if (m instanceof ImagePart p) {
            return new ImagePart(subscription, p.part(), p.records());
        } else if (m instanceof ImageEnd e) {
            return new ImageEnd(subscription, e.parts(), e.index(), e.term(), e.crc());
        } else if (m instanceof Current c) {
            return new Current(subscription, c.index(), c.term(), c.inTouch());
        }
        throw new AssertionError(m);
    }

    @Test
    void shouldQueueNothingForASlowFollowerAndResyncItFromAnImage() {
        feed.onImage(image, 0);
        apply(1);
        feed.onSubscribe(7, new Subscribe(9, 1, 1, 1, false), 0);
        takesMore = false;
        sent.clear();
        apply(2);
        assertThat(sent()).hasSize(1);
        apply(3, 4, 5, 6);
        feed.tick(900 * MS);
        assertThat(sent()).as("the stream takes no more").isEmpty();
        takesMore = true;
        feed.onReady(7, 0);
        assertThat(sent().get(0)).isInstanceOf(ImagePart.class);
    }

    @Test
    void shouldTellAFollowerThatIsAheadWhereThisVoterIs() {
        feed.onImage(image, 0);
        apply(2);
        feed.onSubscribe(7, new Subscribe(9, 1, 3, 1, false), 0);
        assertThat(sent()).containsExactly(new Current(1, 2, 1, true));
        apply(3);
        assertThat(sent()).isEmpty();
        apply(4);
        assertThat(sent()).containsExactly(new Deltas(1, List.of(delta(4, 3))));
    }

    @Test
    void shouldServeOneStreamForEachNodeAndRefuseAForeignHistory() {
        feed.onSubscribe(6, new Subscribe(9, 1, 0, 0, false), 0);
        assertThat(((Refused) sent().get(0)).reason()).isEqualTo(Refusal.STARTING);
        feed.onImage(image, 0);
        apply(2, 3);
        feed.onSubscribe(7, new Subscribe(9, 2, 3, 1, false), 0);
        feed.onSubscribe(8, new Subscribe(9, 3, 3, 1, false), 0);
        assertThat(closed).containsExactly(7L);
        assertThat(feed.subscribers()).isEqualTo(1);
        sent.clear();
        feed.onSubscribe(9, new Subscribe(10, 1, 2, 8, false), 0);
        assertThat(((Refused) sent().get(0)).reason()).isEqualTo(Refusal.DIVERGED);
        assertThatThrownBy(() -> feed.onApplied(delta(9, 8), image, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldResyncOnAGapAndApplyNothingTwice() {
        follow();
        follower.onMessage(new Deltas(2, List.of(delta(1, 0), delta(2, 1))), 1);
        follower.onMessage(new Deltas(2, List.of(delta(2, 1), delta(4, 3))), 2);
        assertThat(follower.index()).isEqualTo(2);
        assertThat(calls()).containsExactly("subscribe 3 after 2");
        follower.onMessage(new Deltas(2, List.of(delta(3, 2))), 3);
        assertThat(updates).as("that subscription is over").hasSize(1);
        follower.onMessage(new Current(3, 4, 1, true), 4);
        assertThat(calls()).as("it believes that everything was sent").containsExactly("subscribe 4 after 2");
    }

    @Test
    void shouldNeverGoBackAndLeaveAVoterThatStaysBehind() {
        follow();
        follower.onMessage(new Deltas(2, List.of(delta(5, 0))), 0);
        follower.onMessage(new Current(2, 4, 1, true), 0);
        follower.onMessage(new Current(2, 4, 1, true), 1_900 * MS);
        follower.tick(2_000 * MS);
        assertThat(calls()).isEmpty();
        follower.tick(2_001 * MS);
        assertThat(calls()).containsExactly("close 1", "connect 2 3");
        assertThat(follower.index()).isEqualTo(5);
    }

    @Test
    void shouldTryTheNextVoterAfterSilenceAndRestAfterEachRound() {
        follow();
        follower.tick(2_001 * MS);
        assertThat(calls()).containsExactly("close 1", "connect 2 3");
        follower.onClosed(1, 2_002 * MS);
        assertThat(calls()).as("that stream is over").isEmpty();
        follower.onClosed(3, 2_002 * MS);
        follower.tick(2_101 * MS);
        assertThat(calls()).containsExactly("close 3");
        follower.tick(2_102 * MS);
        assertThat(calls()).containsExactly("connect 1 4");
    }

    @Test
    void shouldAskAtOnceAndThenAnotherVoterWhenANewerIndexIsWanted() {
        follow();
        follower.wanted(7, 0);
        assertThat(calls()).containsExactly("subscribe 3 after 0");
        follower.onMessage(new Current(3, 0, 0, true), 1 * MS);
        follower.tick(199 * MS);
        assertThat(calls()).isEmpty();
        follower.tick(200 * MS);
        assertThat(calls()).containsExactly("close 1", "connect 2 4");
        follower.onConnected(4, 201 * MS);
        follower.onMessage(new Deltas(5, List.of(delta(7, 0))), 202 * MS);
        calls.clear();
        follower.tick(900 * MS);
        assertThat(calls()).as("it has what was wanted").isEmpty();
    }

    @Test
    void shouldMistrustAnImageThatIsNotTheVoters() {
        follow();
        follower.onMessage(new ImagePart(2, 0, List.of(new ProducerIdsRecord(3))), 0);
        follower.onMessage(new ImageEnd(2, 1, 3, 1, 12345), 0);
        assertThat(updates).isEmpty();
        assertThat(calls()).containsExactly("subscribe 3 after 0");
        follower.onMessage(new Refused(3, Refusal.DIVERGED, ""), 0);
        assertThat(calls()).containsExactly("diverged", "close 1", "connect 2 4");
    }
}
