package io.millio.examples.jsonrpc;

import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * A service of JSON-RPC 2.0: its methods and its limits. It knows no transport: a {@link Dispatcher} makes answers of
 * its messages. Immutable, any thread.
 */
public final class JsonRpc {
    private static final System.Logger LOGGER = System.getLogger("io.millio.examples.jsonrpc");

    /** @param slow whether it runs off the loop */
    record Entry(String name, RpcMethod method, boolean slow) {}

    final Map<String, Entry> methods;
    final int maxMessageBytes;
    final int maxBatch;
    final int maxDepth;
    final BiConsumer<String, Throwable> failures;
    final JsonFactory factory;

    private JsonRpc(Builder from) {
        methods = Map.copyOf(from.methods);
        maxMessageBytes = from.maxMessageBytes;
        maxBatch = from.maxBatch;
        maxDepth = from.maxDepth;
        failures = from.failures;
        factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(from.maxDepth)
                        .maxStringLength(Math.max(1024, from.maxMessageBytes))
                        .build())
                .disable(TokenStreamFactory.Feature.CHARSET_DETECTION) // it is UTF-8
                .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                .recyclerPool(JsonRecyclerPools.threadLocalPool())
                .rootValueSeparator("")
                .build();
    }

    /** A service to be. */
    public static Builder builder() {
        return new Builder();
    }

    /** How many bytes a message may have. */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    @Nullable
    Entry find(String name) {
        return methods.get(name);
    }

    /** Collects methods and limits. One thread at a time. */
    public static final class Builder {
        private final Map<String, Entry> methods = new HashMap<>();
        private int maxMessageBytes = 1 << 20;
        private int maxBatch = 1000;
        private int maxDepth = 64;
        private BiConsumer<String, Throwable> failures =
                (method, failure) -> LOGGER.log(Level.ERROR, () -> "method " + method + " has failed", failure);

        private Builder() {}

        /** Adds a method that is done at once: it is called in the loop and must not block. */
        public Builder method(String name, RpcMethod method) {
            return add(name, method, false);
        }

        /** Adds a method that takes a while: it is called off the loop, on several threads. */
        public Builder slowMethod(String name, RpcMethod method) {
            return add(name, method, true);
        }

        private Builder add(String name, RpcMethod method, boolean slow) {
            Objects.requireNonNull(method, "method");
            if (name.startsWith("rpc.")) {
                throw new IllegalArgumentException("name: " + name + ", those with rpc. are reserved");
            }
            if (methods.putIfAbsent(name, new Entry(name, method, slow)) != null) {
                throw new IllegalArgumentException("name: " + name + ", is there already");
            }
            return this;
        }

        /** How many bytes a message may have, 2 to 256 Mi. Default 1 MiB. */
        public Builder maxMessageBytes(int bytes) {
            maxMessageBytes = within(2, bytes, 256 << 20, "maxMessageBytes");
            return this;
        }

        /** How many calls a batch may have, at least 1. Default 1,000. */
        public Builder maxBatch(int calls) {
            maxBatch = within(1, calls, Integer.MAX_VALUE, "maxBatch");
            return this;
        }

        /** How deep arrays and objects may be nested, 3 to 1,000: a batch is one, a request another. Default 64. */
        public Builder maxDepth(int levels) {
            maxDepth = within(3, levels, 1000, "maxDepth");
            return this;
        }

        /**
         * Sets the listener for failures other than {@link RpcException}, called on the thread that called the method.
         * Default: logs.
         */
        public Builder onFailure(BiConsumer<String, Throwable> listener) {
            failures = Objects.requireNonNull(listener, "listener");
            return this;
        }

        private static int within(int least, int value, int most, String argument) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(argument + ": " + value + ", must be from " + least + " to " + most);
            }
            return value;
        }

        /** The service. */
        public JsonRpc build() {
            return new JsonRpc(this);
        }
    }
}
