/**
 * The producer's core: which batch goes where and when, under which sequence, and what becomes of it. Pure: events come
 * in with their time, effects go out through {@link io.varve.client.internal.producer.ProducerPort}; no thread, clock,
 * randomness or I/O. Depends on the public package and on the JDK's collections only.
 */
@NullMarked
package io.varve.client.internal.producer;

import org.jspecify.annotations.NullMarked;
