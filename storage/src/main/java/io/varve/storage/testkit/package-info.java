// SPDX-License-Identifier: Apache-2.0
/**
 * A file system in memory that fails on demand, for tests of this and other modules. Depends on the port only.
 */
@NullMarked
package io.varve.storage.testkit;

import org.jspecify.annotations.NullMarked;
