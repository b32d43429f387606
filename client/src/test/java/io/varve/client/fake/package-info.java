/** A node in memory that speaks the public protocol over loopback, and misbehaves when told to. Tests only. */
@NullMarked
package io.varve.client.fake;

import org.jspecify.annotations.NullMarked;
