// SPDX-License-Identifier: Apache-2.0
/**
 * The commands that change the metadata, and their bytes. Depends on the image and the generated messages only.
 */
@NullMarked
package io.varve.metadata.command;

import org.jspecify.annotations.NullMarked;
