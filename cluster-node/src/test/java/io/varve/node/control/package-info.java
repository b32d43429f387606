// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.node.control;

import org.jspecify.annotations.NullMarked;
