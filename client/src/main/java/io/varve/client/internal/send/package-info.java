/**
 * The producer's shell: collects records into batches on the callers' threads, and drives the pure core with one sender
 * thread, one stream per node, and one thread for callbacks. May depend on everything of {@code internal}.
 */
@NullMarked
package io.varve.client.internal.send;

import org.jspecify.annotations.NullMarked;
