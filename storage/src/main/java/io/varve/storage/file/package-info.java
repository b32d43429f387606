// SPDX-License-Identifier: Apache-2.0
/**
 * The file system as the log sees it: a port and its real side. Depends on nothing.
 */
@NullMarked
package io.varve.storage.file;

import org.jspecify.annotations.NullMarked;
