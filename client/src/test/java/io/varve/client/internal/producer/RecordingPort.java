// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import io.varve.client.ErrorDetails;
import java.util.ArrayList;
import java.util.List;

/** Writes down what the core asks for. */
final class RecordingPort implements ProducerPort {
    final List<String> log = new ArrayList<>();
    final List<Flight> sent = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    final List<Batch> released = new ArrayList<>();
    final List<Batch> open = new ArrayList<>();
    boolean full;

    @Override
    public void seal(String topic, int partition, List<Batch> into) {
        into.addAll(open);
        open.clear();
    }

    @Override
    public void connect(int node) {
        log.add("connect " + node);
    }

    @Override
    public boolean send(int node, Flight flight) {
        sent.add(flight);
        return !full;
    }

    @Override
    public void reset(int node) {
        log.add("reset " + node);
    }

    @Override
    public void refreshMetadata(String topic) {
        log.add("metadata " + topic);
    }

    @Override
    public void allocateProducerId() {
        log.add("allocate");
    }

    @Override
    public void complete(Batch batch, long baseOffset, long logAppendTimeMs) {
        told.add("stored " + baseOffset);
    }

    @Override
    public void fail(Batch batch, ErrorDetails error) {
        told.add("failed " + error.outcome() + " " + error.message());
    }

    @Override
    public void release(Batch batch) {
        released.add(batch);
    }
}
