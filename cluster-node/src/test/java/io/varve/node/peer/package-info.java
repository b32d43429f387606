// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.node.peer;

import org.jspecify.annotations.NullMarked;
