// SPDX-License-Identifier: Apache-2.0
/**
 * How nodes reach each other: the listener on the peer port, which every part adds its services to, and channels to
 * other nodes by their ids. Knows no service.
 */
@NullMarked
package io.varve.node.peer;

import org.jspecify.annotations.NullMarked;
