// SPDX-License-Identifier: Apache-2.0
/** What the log on disk costs beside a bare loop over files that does the same I/O: {@code dev/bench/jmh}. */
@NullMarked
package io.varve.benchmarks;

import org.jspecify.annotations.NullMarked;
