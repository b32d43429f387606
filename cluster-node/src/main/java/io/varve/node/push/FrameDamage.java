// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

/** Bytes from another node that are not what they should be: the stream that brought them cannot be trusted any more. */
final class FrameDamage extends Exception {

    private static final long serialVersionUID = 1;

    FrameDamage(String message) {
        super(message);
    }
}
