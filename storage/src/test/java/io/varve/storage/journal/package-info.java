// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.storage.journal;

import org.jspecify.annotations.NullMarked;
