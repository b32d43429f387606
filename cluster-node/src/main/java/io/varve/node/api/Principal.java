// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

/** Who asks. <i>Immutable.</i> */
public record Principal(String name) {

    /** Somebody who did not say who they are; everybody, while there is no authentication. */
    public static final Principal ANONYMOUS = new Principal("User:ANONYMOUS");
}
