// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import io.varve.client.Acks;
import io.varve.client.BufferFull;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.RecordMetadata;
import io.varve.client.VarveClient;
import io.varve.client.VarveException;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Sends all records at a steady pace on a thread of its own and writes down what became of each. Thread-safe. */
final class Load implements Runnable {
    private final String topic;
    private final VarveClient client;
    private final RecordValues values;
    private final double perSecond;
    private final Ledger ledger;
    private final Pauses pauses;
    private volatile boolean ended;

    Load(VarveClient client, String topic, RecordValues values, double perSecond, Ledger ledger, Pauses pauses) {
        this.topic = topic;
        this.client = client;
        this.values = values;
        this.perSecond = perSecond;
        this.ledger = ledger;
        this.pauses = pauses;
    }

    /** Every record has its outcome. */
    boolean hasEnded() {
        return ended;
    }

    @Override
    public void run() {
        try (Producer<byte[], byte[]> producer = client.producer()
                .acks(Acks.ALL)
                .idempotent(true)
                .onBufferFull(BufferFull.BLOCK)
                .build()) {
            long begin = System.nanoTime();
            for (int number = 0; number < ledger.records(); number++) {
                awaitTurn(begin + (long) (number / perSecond * 1e9));
                send(producer, number, values.next());
            }
            producer.flush();
        } catch (IOException | RuntimeException e) {
            ledger.failed(e);
        } finally {
            ended = true;
        }
    }

    private static void awaitTurn(long dueNanos) {
        for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void send(Producer<byte[], byte[]> producer, int number, byte[] value) {
        ledger.sent(number, value, System.nanoTime());
        producer.send(
                ProducerRecord.of(topic, Sightings.key(number), value),
                (stored, error) -> completed(number, stored, error));
    }

    private void completed(int number, @Nullable RecordMetadata stored, @Nullable VarveException error) {
        if (stored == null) {
            ledger.failed(error == null ? new IllegalStateException("neither stored nor failed") : error);
            return;
        }
        long now = System.nanoTime();
        ledger.acknowledged(number, stored.partition(), stored.hasOffset() ? stored.offset() : Ledger.NOWHERE, now);
        pauses.acknowledged(stored.partition(), ledger.sentNanos(number), now);
    }
}
