// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import io.varve.client.internal.ClientContext;
import io.varve.client.internal.ClientSettings;
import io.varve.client.internal.NodeAddress;
import io.varve.client.internal.admin.GrpcAdmin;
import io.varve.client.internal.consume.StreamConsumer;
import io.varve.client.internal.send.StreamProducer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The entrance to a cluster: connections and metadata shared by the producers, consumers and the admin made from it.
 * Close it last or first: closing it closes them too. <i>Thread-safe.</i>
 */
public final class VarveClient implements AutoCloseable {
    private final ClientContext context;
    private final Admin admin;

    private VarveClient(ClientSettings settings) {
        this.context = new ClientContext(settings);
        this.admin = new GrpcAdmin(context);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A producer of bytes. */
    public ProducerBuilder<byte[], byte[]> producer() {
        return producer(Serde.bytes(), Serde.bytes());
    }

    public <K, V> ProducerBuilder<K, V> producer(Serde<K> keySerde, Serde<V> valueSerde) {
        return new ProducerBuilder<>(
                builder -> new StreamProducer<>(context, builder.settings(), keySerde, valueSerde));
    }

    /** A consumer of bytes. */
    public ConsumerBuilder<byte[], byte[]> consumer() {
        return consumer(Serde.bytes(), Serde.bytes());
    }

    public <K, V> ConsumerBuilder<K, V> consumer(Serde<K> keySerde, Serde<V> valueSerde) {
        return new ConsumerBuilder<>(
                builder -> new StreamConsumer<>(context, builder.settings(), keySerde, valueSerde));
    }

    public Admin admin() {
        return admin;
    }

    /** Closes what was made from this client, then its connections and threads. May be called again. */
    @Override
    public void close() {
        context.close();
    }

    /** Settings of a {@link VarveClient}. Only the bootstrap addresses are needed. <i>Not thread-safe.</i> */
    public static final class Builder {
        private List<NodeAddress> bootstrap = List.of();
        private String clientId = "varve-client";
        private String rack = "";
        private Duration requestTimeout = Duration.ofSeconds(10);

        private Builder() {}

        /**
         * Addresses to begin with, {@code host:port[,host:port...]}; an IPv6 address goes in brackets.
         *
         * @throws IllegalArgumentException for an address that is none
         */
        public Builder bootstrap(String addresses) {
            bootstrap = Arrays.stream(addresses.split(",", -1))
                    .map(NodeAddress::parse)
                    .toList();
            return this;
        }

        /** A name for the nodes' logs and metrics, and for this client's threads. */
        public Builder clientId(String value) {
            clientId = value;
            return this;
        }

        /** Where this client is, for reading from a near replica; empty for nowhere in particular. */
        public Builder rack(String value) {
            rack = value;
            return this;
        }

        /** How long any single call may take, retries and an unreachable cluster included; 10 s unless set. */
        public Builder requestTimeout(Duration value) {
            requestTimeout = value;
            return this;
        }

        /**
         * Makes the client. No I/O, never blocks.
         *
         * @throws IllegalArgumentException without a bootstrap address, or for a timeout out of range
         */
        public VarveClient build() {
            return new VarveClient(new ClientSettings(bootstrap, clientId, rack, requestTimeout));
        }
    }
}
