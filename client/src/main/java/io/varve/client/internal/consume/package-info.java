/**
 * The consumer: one Subscribe stream per node with byte credits per partition. Event loops only put what arrives into
 * an inbox; everything else, decoding included, happens on the thread that calls. May depend on everything of
 * {@code internal}.
 */
@NullMarked
package io.varve.client.internal.consume;

import org.jspecify.annotations.NullMarked;
