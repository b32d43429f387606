// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortOwnerTest {
    @Test
    void shouldNameTheProcessThatListens() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(PortOwner.isFree(socket.getLocalPort())).isFalse();
            assertThat(PortOwner.of(socket.getLocalPort()))
                    .hasValueSatisfying(owner -> assertThat(owner.pid())
                            .isEqualTo(ProcessHandle.current().pid()));
        }
    }

    @Test
    void shouldSeeThatAPortIsFree() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }

        assertThat(PortOwner.isFree(port)).isTrue();
        assertThat(PortOwner.of(port)).isEmpty();
    }
}
