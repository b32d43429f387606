// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.cli.records;

import org.jspecify.annotations.NullMarked;
