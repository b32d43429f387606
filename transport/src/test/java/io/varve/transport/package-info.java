// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.transport;

import org.jspecify.annotations.NullMarked;
