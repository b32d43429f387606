// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.Optional;

/** What became of one topic to delete. <i>Immutable.</i> */
public record DeleteTopicResult(String name, Optional<VarveException> error) {}
