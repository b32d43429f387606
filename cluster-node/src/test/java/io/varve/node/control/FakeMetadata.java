// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.LeaderInfo;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.QuorumListener;
import io.varve.metadata.QuorumState;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.ControllerImage;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A metadata log that a test writes. */
final class FakeMetadata implements MetadataQuorum {

    private final List<QuorumListener> listeners = new ArrayList<>();
    private MetadataImage image = MetadataImage.EMPTY;

    @Override
    public synchronized MetadataImage image() {
        return image;
    }

    /** One more entry. */
    synchronized MetadataImage append(MetadataRecord... records) {
        var delta = new MetadataDelta(image.index() + 1, 1, image.index(), List.of(records));
        image = image.plus(delta);
        listeners.forEach(l -> l.onApplied(delta.index(), 1, delta, image));
        return image;
    }

    MetadataImage controller(int node, long epoch) {
        return append(new MetadataRecord.ControllerRecord(new ControllerImage(node, new UUID(0, node), epoch)));
    }

    @Override
    public synchronized void addListener(QuorumListener listener) {
        listener.onImageReset(image);
        listeners.add(listener);
    }

    @Override
    public LeaderInfo leader() {
        return new LeaderInfo(1, 1, true);
    }

    @Override
    public QuorumState state() {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<ApplyReply> submit(MetadataCommand command) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
