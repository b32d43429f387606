// SPDX-License-Identifier: Apache-2.0
/**
 * One class per component that owns the names, units and labels of its metrics. Components never see it: they offer listeners and numbers.
 */
@NullMarked
package io.varve.node.metrics;

import org.jspecify.annotations.NullMarked;
