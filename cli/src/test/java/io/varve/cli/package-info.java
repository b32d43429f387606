// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.cli;

import org.jspecify.annotations.NullMarked;
