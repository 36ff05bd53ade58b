package io.millio.examples.jsonrpc;

import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** A dispatcher without any transport. Slow calls wait until the test runs them. */
final class Asked {
    /** What notifications of the specification's examples were given. */
    static final List<String> NOTIFIED = new ArrayList<>();

    private static final JsonMapper JSON = JsonMapper.shared();

    final Queue<Runnable> offloaded = new ArrayDeque<>();
    final List<String> answers = new ArrayList<>();
    int room = Integer.MAX_VALUE;
    Offload offloadTo = this::offload;
    final Dispatcher dispatcher;

    Asked(JsonRpc service) {
        dispatcher = new Dispatcher(service, (task, callback) -> offloadTo.compute(task, callback));
    }

    private CompletableFuture<byte[]> offload(
            Callable<byte[]> task, BiConsumer<? super byte @Nullable [], ? super @Nullable Throwable> callback) {
        if (offloaded.size() >= room) {
            throw new RejectedExecutionException("planned");
        }
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        CompletableFuture<?> unused = result.whenComplete(callback);
        offloaded.add(() -> {
            if (!result.isDone()) {
                try {
                    result.complete(task.call());
                } catch (Throwable t) {
                    result.completeExceptionally(t);
                }
            }
        });
        return result;
    }

    private static RpcMethod remember() {
        return (params, result) -> {
            StringWriter text = new StringWriter();
            try (JsonGenerator to = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
                to.copyCurrentStructure(params.parser());
            }
            NOTIFIED.add(text.toString());
        };
    }

    /** The methods that the specification's examples call. */
    static JsonRpc specification(boolean slow) {
        JsonRpc example = ExampleMethods.addTo(JsonRpc.builder()).build();
        JsonRpc.Builder service = JsonRpc.builder();
        for (String name : List.of("subtract", "sum")) {
            add(service, name, Objects.requireNonNull(example.find(name)).method(), slow);
        }
        add(service, "update", remember(), slow);
        add(service, "notify_hello", remember(), slow);
        add(service, "notify_sum", (params, result) -> {}, slow);
        add(
                service,
                "get_data",
                (params, result) -> result.writeStartArray()
                        .writeString("hello")
                        .writeNumber(5)
                        .writeEndArray(),
                slow);
        return service.build();
    }

    private static void add(JsonRpc.Builder service, String name, RpcMethod method, boolean slow) {
        if (slow) {
            service.slowMethod(name, method);
        } else {
            service.method(name, method);
        }
    }

    @Nullable
    Pending begin(byte[] message) {
        return dispatcher.accept(ByteBuffer.wrap(message), (answer, of) -> {
            byte[] bytes = new byte[answer.remaining()];
            answer.get(bytes);
            answers.add(new String(bytes, StandardCharsets.UTF_8));
        });
    }

    @Nullable
    Pending begin(String message) {
        return begin(message.getBytes(StandardCharsets.UTF_8));
    }

    void runAll() {
        for (Runnable each; (each = offloaded.poll()) != null; ) {
            each.run();
        }
    }

    /** The one answer to a message; missing if it is empty. */
    JsonNode ask(String message) {
        return ask(message.getBytes(StandardCharsets.UTF_8));
    }

    JsonNode ask(byte[] message) {
        answers.clear();
        begin(message);
        runAll();
        if (answers.size() != 1) {
            throw new AssertionError(answers.size() + " answers");
        }
        return tree(answers.get(0));
    }

    int codeOf(String message) {
        return ask(message).path("error").path("code").asInt();
    }

    static JsonNode tree(String json) {
        return json.isEmpty() ? MissingNode.getInstance() : JSON.readTree(json);
    }

    static List<JsonNode> sorted(JsonNode answer) {
        List<JsonNode> all = new ArrayList<>();
        if (answer.isArray()) {
            answer.forEach(all::add);
            all.sort(Comparator.comparing(JsonNode::toString));
        } else {
            all.add(answer);
        }
        return all;
    }
}
