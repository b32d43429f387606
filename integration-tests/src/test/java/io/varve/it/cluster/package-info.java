/**
 * Clusters of real nodes under faults, what happened to whom, and whether promises were kept.
 */
@NullMarked
package io.varve.it.cluster;

import org.jspecify.annotations.NullMarked;
