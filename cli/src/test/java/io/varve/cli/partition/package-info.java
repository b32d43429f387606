// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.cli.partition;

import org.jspecify.annotations.NullMarked;
