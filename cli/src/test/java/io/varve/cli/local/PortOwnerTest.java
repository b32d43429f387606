// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
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

    @Test
    void shouldShowTheProgramOfAJavaProcessAndNotItsOptions() {
        assertThat(PortOwner.shortened(
                        List.of("/usr/bin/java", "-Xmx1g", "-cp", "a.jar:b.jar", "-Dx=y", "io.Main", "run", "-v", "")))
                .isEqualTo("java io.Main run -v");
        assertThat(PortOwner.shortened(List.of("nginx", "-g", "daemon off;", "")))
                .isEqualTo("nginx -g daemon off;");
        assertThat(PortOwner.shortened(List.of("java", "-jar"))).isEqualTo("java");
    }
}
