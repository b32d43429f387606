// SPDX-License-Identifier: Apache-2.0
/**
 * The public gRPC services that are not bulk data, and what every call passes through on its way in.
 */
@NullMarked
package io.varve.node.api;

import org.jspecify.annotations.NullMarked;
