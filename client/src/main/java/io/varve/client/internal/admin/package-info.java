/** The admin: public calls to RPCs and answers to public values. May depend on everything of {@code internal}. */
@NullMarked
package io.varve.client.internal.admin;

import org.jspecify.annotations.NullMarked;
