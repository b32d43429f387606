/**
 * What replicas say to each other, word for word: golden conversations of the real cores, each on the real log, with a script instead of chance.
 */
@NullMarked
package io.varve.simulation.conversation;

import org.jspecify.annotations.NullMarked;
