// SPDX-License-Identifier: Apache-2.0
/**
 * Health and metrics over HTTP, for orchestrators and collectors. Depends on the metrics registry only.
 */
@NullMarked
package io.varve.node.http;

import org.jspecify.annotations.NullMarked;
