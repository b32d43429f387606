// SPDX-License-Identifier: Apache-2.0
/** Rules for names and configs of topics. Pure. */
@NullMarked
package io.varve.metadata.topic;

import org.jspecify.annotations.NullMarked;
