// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.varve.proto.v1.ListTopicsRequest;
import io.varve.proto.v1.ListTopicsResponse;
import io.varve.proto.v1.TopicListing;
import io.varve.proto.v1.TopicServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a listener does with connections that are not a well-behaved client's. */
class ListenerTest {
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final List<LogRecord> grpcLog = new ArrayList<>();
    private final java.util.logging.Logger grpcLogger = java.util.logging.Logger.getLogger("io.grpc");
    private final Handler grpcLogHandler = new Handler() {
        @Override
        public synchronized void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.INFO.intValue()) {
                grpcLog.add(line);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        log.start();
        ((Logger) LoggerFactory.getLogger("io.varve.transport")).addAppender(log);
        grpcLogger.addHandler(grpcLogHandler);
    }

    @AfterEach
    void stopListening() {
        ((Logger) LoggerFactory.getLogger("io.varve.transport")).detachAppender(log);
        grpcLogger.removeHandler(grpcLogHandler);
    }

    @Test
    void shouldCloseAnHttp1ClientWithOneLine() throws Exception {
        closes("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(lines()).singleElement().asString().contains("127.0.0.1", "\"GET /health HTTP/1.1\"");
    }

    @Test
    void shouldCloseATlsClientWithOneLine() throws Exception {
        closes(new byte[] {0x16, 3, 1, 0, 5, 1, 2, 3});
        assertThat(lines()).singleElement().asString().contains("TLS", "plaintext");
    }

    @Test
    void shouldCloseAGarbageClientWithOneLineThatCannotForgeAnother() throws Exception {
        byte[] garbage = new byte[4_000];
        new Random(1).nextBytes(garbage);
        garbage[0] = 'x';
        garbage[1] = 0x1b;
        closes(garbage);
        assertThat(lines()).singleElement().asString().matches("[\\x20-\\x7e]+");
    }

    @Test
    void shouldCloseAClientThatEndsThePrefaceWrongly() throws Exception {
        closes("PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(lines()).hasSize(1);
    }

    @Test
    void shouldCloseAClientThatTalksGarbageAfterThePreface() throws Exception {
        byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = java.util.Arrays.copyOf(preface, 2_000);
        new Random(2).nextBytes(bytes);
        System.arraycopy(preface, 0, bytes, 0, preface.length);
        closes(bytes);
        assertThat(lines()).hasSize(1);
    }

    @Test
    void shouldCloseAClientThatSaysNothing() throws Exception {
        ServerSettings defaults = ServerSettings.forBatchesUpTo(1 << 20);
        ServerSettings hasty = new ServerSettings(
                defaults.maxInboundMessageBytes(),
                defaults.flowControlWindowBytes(),
                defaults.maxCallsPerConnection(),
                defaults.maxInboundMetadataBytes(),
                Duration.ofMillis(200),
                defaults.permitKeepAlive(),
                defaults.keepAlive(),
                defaults.maxResetsPerMinute());
        try (Loopback loopback = new Loopback(hasty);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), loopback.port)) {
            assertCloses(socket);
        }
    }

    @Test
    void shouldServeAHealthyClientBesideManyThatSayNothing() throws Exception {
        try (Loopback loopback = new Loopback(true, topics())) {
            List<Socket> idle = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), loopback.port);
                socket.getOutputStream().write('P');
                idle.add(socket);
            }
            assertThat(list(loopback.channel).getTopicsCount()).isEqualTo(1);
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void shouldCloseAConnectionThatResetsTooManyStreams() throws Exception {
        ServerSettings defaults = ServerSettings.forBatchesUpTo(1 << 20);
        ServerSettings strict = new ServerSettings(
                defaults.maxInboundMessageBytes(),
                defaults.flowControlWindowBytes(),
                defaults.maxCallsPerConnection(),
                defaults.maxInboundMetadataBytes(),
                defaults.handshakeTimeout(),
                defaults.permitKeepAlive(),
                defaults.keepAlive(),
                20);
        try (Loopback loopback = new Loopback(strict, topics())) {
            list(loopback.channel);
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                var call = loopback.channel.newCall(TopicServiceGrpc.getListTopicsMethod(), CallOptions.DEFAULT);
                Loopback.Answers<ListTopicsResponse> answers = loopback.start(call);
                call.sendMessage(ListTopicsRequest.getDefaultInstance());
                call.cancel("changed my mind", null);
                answers.end();
                return loopback.channel.getState(false) != io.grpc.ConnectivityState.READY;
            });
        }
    }

    private void closes(byte[] bytes) throws IOException {
        try (Loopback loopback = new Loopback(true, topics())) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), loopback.port)) {
                socket.getOutputStream().write(bytes);
                assertCloses(socket);
            }
            await().until(() -> !lines().isEmpty());
            // Somebody who knows the way is served as before.
            assertThat(list(loopback.channel).getTopicsCount()).isEqualTo(1);
        }
    }

    private static void assertCloses(Socket socket) throws IOException {
        socket.setSoTimeout(10_000);
        try {
            while (socket.getInputStream().read() >= 0) {
                // The server's own preface comes first.
            }
        } catch (java.net.SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        synchronized (log) {
            new ArrayList<>(log.list).forEach(event -> lines.add(event.getFormattedMessage()));
        }
        synchronized (grpcLogHandler) {
            grpcLog.forEach(line -> lines.add(line.getLoggerName() + " " + line.getMessage() + line.getThrown()));
        }
        return lines;
    }

    private static ListTopicsResponse list(ManagedChannel channel) {
        return ClientCalls.blockingUnaryCall(
                channel,
                TopicServiceGrpc.getListTopicsMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(Duration.ofSeconds(10)),
                ListTopicsRequest.getDefaultInstance());
    }

    private static ServerServiceDefinition topics() {
        return Loopback.service(
                TopicServiceGrpc.getListTopicsMethod(), (call, headers) -> new Loopback.Handler<>(call) {
                    @Override
                    public void onHalfClose() {
                        call.sendMessage(ListTopicsResponse.newBuilder()
                                .addTopics(TopicListing.getDefaultInstance())
                                .build());
                        call.close(Status.OK, new Metadata());
                    }
                });
    }
}
