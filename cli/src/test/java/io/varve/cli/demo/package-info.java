// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.cli.demo;

import org.jspecify.annotations.NullMarked;
