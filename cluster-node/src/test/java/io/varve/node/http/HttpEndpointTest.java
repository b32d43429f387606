// SPDX-License-Identifier: Apache-2.0
package io.varve.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpEndpointTest {

    private final NodeHealth health = new NodeHealth();
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpEndpoint endpoint;

    @BeforeEach
    void start() throws IOException {
        endpoint = HttpEndpoint.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), health, () -> "varve_up 1\n");
    }

    @AfterEach
    void stop() {
        endpoint.close();
    }

    @Test
    void shouldBeReadyWhenNothingIsWrong() throws Exception {
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").body()).contains("\"ready\":true");
    }

    @Test
    void shouldSayWhyItIsNotReadyButAlive() throws Exception {
        health.report("start", "STARTING", "recovering logs");

        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").body()).contains("\"reason\":\"STARTING\"", "\"message\":\"recovering logs\"");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);

        health.clear("start");
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void shouldNotBeAliveWhenOnlyARestartHelps() throws Exception {
        health.reportFatal("quorum", "KAFKA_STORAGE_ERROR", "the metadata log cannot be written");

        assertThat(get("/health/live").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").body()).contains("the metadata log cannot be written");
    }

    @Test
    void shouldServeMetricsAndRefuseOtherPathsAndMethods() throws Exception {
        assertThat(get("/metrics").body()).isEqualTo("varve_up 1\n");
        assertThat(get("/metrics/../x").statusCode()).isEqualTo(404);
        assertThat(get("/health/ready/x").statusCode()).isEqualTo(404);
        assertThat(get("/").statusCode()).isEqualTo(404);
        var post = request("/metrics").POST(HttpRequest.BodyPublishers.noBody()).build();
        assertThat(client.send(post, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(405);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path));
    }
}
