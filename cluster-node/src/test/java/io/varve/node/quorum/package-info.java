// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.node.quorum;

import org.jspecify.annotations.NullMarked;
