package io.varve.it;

/** The node's own entry point over files that are never forced. Lives among the tests only. */
public final class NoFlushNodeMain {
    private NoFlushNodeMain() {}

    public static void main(String[] args) {
        throw new UnsupportedOperationException("waits for the node to take its file store as a parameter");
    }
}
