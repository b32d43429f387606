// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.node.push;

import org.jspecify.annotations.NullMarked;
