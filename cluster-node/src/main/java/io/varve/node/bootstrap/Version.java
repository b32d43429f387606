// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

/** The software's version, as the build wrote it into the jar. */
public final class Version {

    /** "dev" when it does not run from a jar. */
    public static final String CURRENT = current();

    private Version() {}

    private static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }
}
