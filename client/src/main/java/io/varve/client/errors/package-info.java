/** Failures by reason, named like Kafka's where the condition is the same. Depends on {@code io.varve.client} only. */
@NullMarked
package io.varve.client.errors;

import org.jspecify.annotations.NullMarked;
