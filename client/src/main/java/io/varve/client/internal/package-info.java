/**
 * What the client's parts share: settings, connections, metadata, errors. The only code of the client that sees gRPC is
 * here and in the sub-packages that talk to nodes; {@code internal.producer} is pure.
 */
@NullMarked
package io.varve.client.internal;

import org.jspecify.annotations.NullMarked;
