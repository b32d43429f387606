// SPDX-License-Identifier: Apache-2.0
/**
 * Leader and follower of one partition as pure state machines, and their runtime.
 */
@NullMarked
package io.varve.replication;

import org.jspecify.annotations.NullMarked;
