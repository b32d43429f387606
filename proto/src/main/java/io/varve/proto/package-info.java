// SPDX-License-Identifier: Apache-2.0
/**
 * Small companions of the generated classes: the error mapping and the two spellings of an id. Depends on the generated
 * packages, protobuf and grpc-api only; everything that sees the protocol may use it.
 */
@NullMarked
package io.varve.proto;

import org.jspecify.annotations.NullMarked;
