// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.testkit;

/** What a name stands for on a simulated disk. */
sealed interface SimNode permits SimFile, SimFolder {}
