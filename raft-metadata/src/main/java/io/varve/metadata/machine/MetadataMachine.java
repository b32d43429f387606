// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.ActivateController;
import io.varve.metadata.command.CommandBody.AllocateProducerIds;
import io.varve.metadata.command.CommandBody.AlterConfigs;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.BeginShutdown;
import io.varve.metadata.command.CommandBody.CreatePartitions;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ReportFreshStart;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.command.CommandBody.TakeDirectoryOffline;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.command.CommandCodec;
import io.varve.metadata.command.CommandCodec.Decoded;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.Done;
import io.varve.metadata.image.CommandResult.Rejected;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.RequestRecord;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.proto.v1.ErrorReason;
import java.util.List;
import java.util.Optional;

/**
 * Applies commands to images: the same image and command give the same bytes everywhere. *Immutable.*
 *
 * <p>Total: never throws. A command that fails inside answers {@code UNKNOWN_SERVER_ERROR} and changes nothing but the
 * position, because an exception here would end every voter in turn, and again at each restart.
 */
public final class MetadataMachine {

    private final MachineRules rules;

    public MetadataMachine() {
        this(MachineRules.ALL);
    }

    /** For simulations that must notice when a rule is not kept. */
    public MetadataMachine(MachineRules rules) {
        this.rules = rules;
    }

    /** Applies a command as it stands in the log. */
    public Applied apply(MetadataImage image, ApplyContext context, byte[] bytes) {
        Decoded decoded;
        try {
            decoded = CommandCodec.decode(bytes);
        } catch (RuntimeException e) {
            return failed(image, context, e);
        }
        if (decoded instanceof Decoded.TooNew tooNew) {
            return fatal(image, context, tooNew.why());
        } else if (decoded instanceof Decoded.Malformed malformed) {
            return unchanged(
                    image,
                    context,
                    new Rejected(MetadataError.of(
                            ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR,
                            "entry " + context.index() + " of the metadata log is no command: " + malformed.why())));
        }
        return apply(image, context, ((Decoded.Understood) decoded).command());
    }

    public Applied apply(MetadataImage image, ApplyContext context, MetadataCommand command) {
        try {
            return attempt(image, context, command);
        } catch (RuntimeException e) {
            return failed(image, context, e);
        }
    }

    private Applied attempt(MetadataImage image, ApplyContext context, MetadataCommand command) {
        var known = command.requestId().flatMap(image.requests()::answer);
        if (known.isPresent()) {
            return unchanged(image, context, known.get());
        }
        var superseded = superseded(context, command);
        if (superseded.isPresent()) {
            return unchanged(image, context, new Rejected(superseded.get()));
        }
        if (command.body() instanceof NoOp noOp) {
            return compare(image, context, noOp);
        }
        var draft = new Draft(image, context, rules);
        var result = execute(draft, command.body());
        var violation = ImageInvariants.violation(draft);
        if (violation.isPresent()) {
            throw new IllegalStateException(violation.get());
        }
        if (!draft.isEmpty() && command.requestId().isPresent()) {
            draft.emit(new RequestRecord(command.requestId().get(), context.index(), result));
        }
        return new Applied(draft.finish(), draft.delta(), result, Optional.empty());
    }

    /** A controller of another term decided this: whatever it saw may be gone. */
    private static Optional<MetadataError> superseded(ApplyContext context, MetadataCommand command) {
        boolean decision = command.body() instanceof ActivateController;
        if (command.controllerEpoch() == context.term()
                || (command.controllerEpoch() == MetadataCommand.UNFENCED && !decision)) {
            return Optional.empty();
        }
        return Optional.of(MetadataError.of(
                ErrorReason.ERROR_REASON_NOT_CONTROLLER,
                "controller epoch " + command.controllerEpoch() + " is not the current one, " + context.term(),
                "ask the active controller"));
    }

    private static CommandResult execute(Draft draft, CommandBody body) {
        if (body instanceof CreateTopics c) {
            return TopicCommands.create(draft, c);
        } else if (body instanceof DeleteTopics c) {
            return TopicCommands.delete(draft, c);
        } else if (body instanceof CreatePartitions c) {
            return TopicCommands.createPartitions(draft, c);
        } else if (body instanceof AlterConfigs c) {
            return ConfigCommands.alter(draft, c);
        } else if (body instanceof AlterPartition c) {
            return PartitionCommands.alter(draft, c);
        } else if (body instanceof ResignLeadership c) {
            return PartitionCommands.resign(draft, c);
        } else if (body instanceof ElectLeaders c) {
            return ElectionCommands.elect(draft, c);
        } else if (body instanceof ActivateController c) {
            return BrokerCommands.activate(draft, c);
        } else if (body instanceof RegisterBroker c) {
            return BrokerCommands.register(draft, c);
        } else if (body instanceof FenceBrokers c) {
            return BrokerCommands.fence(draft, c);
        } else if (body instanceof UnfenceBroker c) {
            return BrokerCommands.unfence(draft, c);
        } else if (body instanceof AllocateProducerIds c) {
            return BrokerCommands.allocateProducerIds(draft, c);
        } else if (body instanceof BeginShutdown c) {
            return DepartureCommands.beginShutdown(draft, c);
        } else if (body instanceof TakeDirectoryOffline c) {
            return DepartureCommands.takeDirectoryOffline(draft, c);
        } else if (body instanceof ReportDamage c) {
            return DepartureCommands.reportDamage(draft, c);
        } else if (body instanceof ReportFreshStart c) {
            return DepartureCommands.reportFreshStart(draft, c);
        }
        throw new IllegalStateException("no handler for " + body);
    }

    /** I23: the image here must be the one that the leader had at the same index. */
    private static Applied compare(MetadataImage image, ApplyContext context, NoOp noOp) {
        if (noOp.imageIndex() == 0) {
            return unchanged(image, context, new Done());
        }
        if (noOp.imageIndex() != image.index()) {
            // Another command came between. Whoever asked must hear that nothing was compared.
            return unchanged(
                    image,
                    context,
                    new Rejected(MetadataError.of(
                            ErrorReason.ERROR_REASON_INVALID_UPDATE_VERSION,
                            "the image before entry " + context.index() + " is that of " + image.index() + ", not of "
                                    + noOp.imageIndex())));
        }
        int crc = SnapshotCodec.crc(image);
        return crc == noOp.imageCrc()
                ? unchanged(image, context, new Done())
                : fatal(
                        image,
                        context,
                        String.format(
                                "the metadata image at index %d has CRC %08x, the leader's has %08x",
                                image.index(), crc, noOp.imageCrc()));
    }

    private static Applied unchanged(MetadataImage image, ApplyContext context, CommandResult result) {
        var delta = new MetadataDelta(context.index(), context.term(), image.index(), List.of());
        return new Applied(image.at(context.index(), context.term()), delta, result, Optional.empty());
    }

    private static Applied failed(MetadataImage image, ApplyContext context, RuntimeException e) {
        return unchanged(
                image,
                context,
                new Rejected(MetadataError.of(
                        ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR,
                        "entry " + context.index() + " of the metadata log failed: " + e)));
    }

    private static Applied fatal(MetadataImage image, ApplyContext context, String why) {
        var delta = new MetadataDelta(context.index(), context.term(), image.index(), List.of());
        var result = new Rejected(MetadataError.of(ErrorReason.ERROR_REASON_UNSUPPORTED_VERSION, why));
        return new Applied(image, delta, result, Optional.of(why));
    }
}
