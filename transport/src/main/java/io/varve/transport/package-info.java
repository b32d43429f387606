// SPDX-License-Identifier: Apache-2.0
/**
 * What grpc-java needs for bulk data: hand-written marshallers, channel and server factories, buffer ownership.
 */
@NullMarked
package io.varve.transport;

import org.jspecify.annotations.NullMarked;
