// SPDX-License-Identifier: Apache-2.0
/**
 * What the active controller decides. Pure: events and ports in, no thread, clock or chance; time comes with events.
 */
@NullMarked
package io.varve.metadata.controller;

import org.jspecify.annotations.NullMarked;
