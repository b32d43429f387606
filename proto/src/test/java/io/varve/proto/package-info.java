// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.proto;

import org.jspecify.annotations.NullMarked;
