// SPDX-License-Identifier: Apache-2.0
/**
 * What grpc-java needs for bulk data: hand-written marshallers, channel and server factories, buffer ownership. Knows
 * the protocol's generated classes, gRPC and Netty; nothing of logs, partitions or batches' insides.
 *
 * <p><b>Who owns a buffer.</b> Every reference to a {@code ByteBuf} has one owner.
 * <ul>
 *   <li>Receiving: {@code parse} allocates the payload, and owns it until it returns; a parse that fails halfway has
 *       released it. The listener's {@code onMessage} is handed the message and with it one reference: it passes that
 *       on or releases it, also when it throws. gRPC never drops a parsed message on the way there.
 *   <li>Sending: the sender keeps its reference and releases it after {@code sendMessage} returned or threw. gRPC's
 *       stream of the message holds a reference of its own from {@code stream()} to {@code close()}, which gRPC calls
 *       once whatever happens.
 *   <li>A sender sends only while {@code call.isReady()}. Then {@code sendMessage} frames at once, on the calling
 *       thread. Before a client's stream is ready gRPC may keep the message itself, beyond the sender's reference.
 * </ul>
 */
@NullMarked
package io.varve.transport;

import org.jspecify.annotations.NullMarked;
