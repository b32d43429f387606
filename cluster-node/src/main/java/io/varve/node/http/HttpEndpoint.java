// SPDX-License-Identifier: Apache-2.0
package io.varve.node.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * {@code /health/live}, {@code /health/ready} (200 or 503, with the reasons as JSON) and {@code /metrics} (Prometheus
 * text). Answers GET and HEAD. Two threads, so that one slow reader does not hide the node's health. <i>Thread-safe.</i>
 */
public final class HttpEndpoint implements AutoCloseable {

    private static final int QUEUED_REQUESTS = 64;

    static {
        // Somebody who sends or reads one byte a minute may not keep a thread (seconds).
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", "10");
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final NodeHealth health;
    private final Supplier<String> metrics;
    private final ObjectMapper json = new ObjectMapper();

    private HttpEndpoint(InetSocketAddress bind, NodeHealth health, Supplier<String> metrics) throws IOException {
        this.server = HttpServer.create(bind, 16);
        this.health = health;
        this.metrics = metrics;
        this.threads =
                new ThreadPoolExecutor(2, 2, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(QUEUED_REQUESTS), task -> {
                    Thread thread = new Thread(task, "http");
                    thread.setDaemon(true);
                    return thread;
                });
        server.setExecutor(threads);
        server.createContext("/health/live", get(this::live));
        server.createContext("/health/ready", get(this::ready));
        server.createContext("/metrics", get(this::metrics));
    }

    /** Binds and answers from now on; throws BindException if the address is taken. */
    public static HttpEndpoint start(InetSocketAddress bind, NodeHealth health, Supplier<String> metrics)
            throws IOException {
        HttpEndpoint endpoint = new HttpEndpoint(bind, health, metrics);
        endpoint.server.start();
        return endpoint;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void live(HttpExchange exchange) throws IOException {
        sendJson(exchange, health.isAlive(), Map.of("live", health.isAlive()));
    }

    private void ready(HttpExchange exchange) throws IOException {
        List<NodeHealth.Problem> problems = health.problems();
        sendJson(
                exchange,
                problems.isEmpty(),
                Map.of("ready", problems.isEmpty(), "problems", problems, "warnings", health.warnings()));
    }

    private void metrics(HttpExchange exchange) throws IOException {
        send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
    }

    private void sendJson(HttpExchange exchange, boolean ok, Map<String, ?> body) throws IOException {
        send(exchange, ok ? 200 : 503, "application/json", json.writeValueAsString(body) + "\n");
    }

    private static HttpHandler get(HttpHandler handler) {
        return exchange -> {
            try (exchange) {
                boolean exactPath = exchange.getRequestURI()
                        .getPath()
                        .equals(exchange.getHttpContext().getPath());
                if (!exactPath) {
                    send(exchange, 404, "text/plain", "not found\n");
                } else if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
                    exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                    send(exchange, 405, "text/plain", "GET or HEAD only\n");
                } else {
                    handler.handle(exchange);
                }
            }
        };
    }

    private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
