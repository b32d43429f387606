// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.varve.storage.directory;

import org.jspecify.annotations.NullMarked;
