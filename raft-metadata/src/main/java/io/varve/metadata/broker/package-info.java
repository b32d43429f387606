// SPDX-License-Identifier: Apache-2.0
/**
 * What a node makes of the metadata: its own registration, and the roles of its replicas. Pure: events in, actions out.
 */
@NullMarked
package io.varve.metadata.broker;

import org.jspecify.annotations.NullMarked;
