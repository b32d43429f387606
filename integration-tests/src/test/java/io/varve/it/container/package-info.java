// SPDX-License-Identifier: Apache-2.0
/** The image and {@code docker-compose.yml}, in a real container engine; skipped where none answers. */
@NullMarked
package io.varve.it.container;

import org.jspecify.annotations.NullMarked;
