// SPDX-License-Identifier: Apache-2.0
/** Topics from the command line. */
@NullMarked
package io.varve.cli.topic;

import org.jspecify.annotations.NullMarked;
