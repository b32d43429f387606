// SPDX-License-Identifier: Apache-2.0
/** What the voters of the metadata quorum settle among themselves before the first of them votes. */
@NullMarked
package io.varve.node.quorum;

import org.jspecify.annotations.NullMarked;
