// SPDX-License-Identifier: Apache-2.0
/** {@code varve config}: configs of topics and settings of nodes. */
@NullMarked
package io.varve.cli.config;

import org.jspecify.annotations.NullMarked;
