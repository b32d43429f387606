// SPDX-License-Identifier: Apache-2.0
/**
 * This node as a member of the cluster: its registration, its signs of life, and what it fetches from the controller.
 */
@NullMarked
package io.varve.node.broker;

import org.jspecify.annotations.NullMarked;
