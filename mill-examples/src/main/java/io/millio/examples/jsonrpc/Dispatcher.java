package io.millio.examples.jsonrpc;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;

/**
 * Makes answers of the messages of a service. One for each loop: what it needs for parsing and writing it has once, and
 * uses again. One thread at a time.
 *
 * <p>A message is parsed whole before any of its calls is made. Parameters and ids are not turned into objects on the
 * way.
 */
public final class Dispatcher {
    private static final int USUAL_BYTES = 64 * 1024;
    private static final int USUAL_CALLS = 1000;

    private final JsonRpc service;
    private final Offload offload;
    private final FedParser messages;
    private final Params params;
    private final Output out;
    private final Utf8 utf8 = new Utf8();
    private final List<Call> calls = new ArrayList<>();
    private byte[] bytes = new byte[1024];
    private boolean batch;
    private int count;

    /**
     * A dispatcher.
     *
     * @param offload where slow methods run, if a message does not say
     */
    public Dispatcher(JsonRpc service, Offload offload) {
        this.service = service;
        this.offload = Objects.requireNonNull(offload, "offload");
        this.messages = new FedParser(service.factory);
        this.params = new Params(new FedParser(service.factory));
        this.out = new Output(service.factory);
    }

    /** Makes the calls of one message, slow ones where those of the dispatcher run: see the other of this name. */
    public @Nullable Pending accept(ByteBuffer message, Answers to) {
        return accept(message, to, offload);
    }

    /**
     * Makes the calls of one message. Answers that are available immediately have been delivered when this returns;
     * never throws because of the content of a message. Not to be called out of {@link Answers#answer}.
     *
     * @param message from position to limit; read, not kept
     * @param slow where its slow methods run
     * @return what is under way; null if the message has been answered
     */
    public @Nullable Pending accept(ByteBuffer message, Answers to, Offload slow) {
        out.clear();
        RpcException refusal = read(message);
        if (refusal != null) {
            Envelope.error(out, refusal, params).put(Envelope.NULL).put('}');
            to.answer(out.view(), null);
            return null;
        }
        Pending pending = call(to, slow);
        if (bytes.length > USUAL_BYTES) {
            bytes = new byte[1024];
        }
        if (calls.size() > USUAL_CALLS) {
            calls.clear();
        }
        if (pending == null) {
            if (batch && out.length() > 0) {
                out.put(']');
            }
            to.answer(out.view(), null);
        } else if (pending.begun(out.copyFrom(batch && out.length() > 0 ? 1 : 0))) {
            to.answer(pending.all(), null);
            return null;
        }
        return pending;
    }

    /** Answers a message that the transport has refused. */
    public void refuse(String why, Answers to) {
        Envelope.error(out.clear(), RpcException.invalidRequest(why), params)
                .put(Envelope.NULL)
                .put('}');
        to.answer(out.view(), null);
    }

    // ---- reading

    /** Finds the calls of a message; returns why there are none. */
    private @Nullable RpcException read(ByteBuffer message) {
        batch = false;
        count = 0;
        int length = message.remaining();
        if (length > service.maxMessageBytes) {
            return RpcException.invalidRequest("the message is longer than " + service.maxMessageBytes + " bytes");
        }
        if (bytes.length < length) {
            bytes = new byte[Math.max(length, 2 * bytes.length)];
        }
        message.get(bytes, 0, length);
        while (length > 0 && isBlank(bytes[length - 1])) {
            length--;
        }
        if (!utf8.isValid(bytes, length)) {
            return RpcException.parseError();
        }
        try {
            return parse(messages.begin(bytes, 0, length), length);
        } catch (StreamConstraintsException e) {
            return RpcException.invalidRequest("it is nested deeper than " + service.maxDepth
                    + " levels, or has a number or a name that is too long");
        } catch (JacksonException e) {
            return RpcException.parseError();
        }
    }

    private static boolean isBlank(byte each) {
        return each == ' ' || each == '\n' || each == '\r' || each == '\t';
    }

    private @Nullable RpcException parse(JsonParser json, int length) {
        JsonToken first = json.nextToken();
        if (first == null) {
            return RpcException.parseError();
        }
        batch = first == JsonToken.START_ARRAY;
        if (batch) {
            for (JsonToken token; (token = json.nextToken()) != JsonToken.END_ARRAY; ) {
                if (count == service.maxBatch) {
                    return RpcException.invalidRequest("the batch has more than " + service.maxBatch + " calls");
                }
                next().parse(json, token, messages);
            }
        } else {
            next().parse(json, first, messages);
        }
        if (messages.tokenEnd(json) != length) {
            return RpcException.parseError();
        }
        return count == 0 ? RpcException.invalidRequest(null) : null;
    }

    private Call next() {
        if (count == calls.size()) {
            calls.add(new Call());
        }
        return calls.get(count++);
    }

    // ---- calling

    private @Nullable Pending call(Answers to, Offload slow) {
        Pending pending = null;
        for (int i = 0; i < count; i++) {
            Call call = calls.get(i);
            JsonRpc.Entry entry = call.isValid() ? service.find(Objects.requireNonNull(call.method)) : null;
            if (entry != null && entry.slow()) {
                if (pending == null) {
                    pending = new Pending(to, batch);
                }
                if (start(call, entry, pending, slow)) {
                    continue;
                }
            }
            int before = out.length();
            if (batch) {
                out.put(before == 0 ? '[' : ',');
            }
            if (!answer(call, entry)) {
                out.truncate(before);
            }
        }
        return pending;
    }

    /** Writes the answer to one call; false if it wants none. */
    private boolean answer(Call call, JsonRpc.@Nullable Entry entry) {
        if (!call.isValid()) {
            return error(call, RpcException.invalidRequest(null));
        }
        if (entry == null) {
            return !call.isNotification() && error(call, RpcException.methodNotFound());
        }
        if (entry.slow()) {
            return !call.isNotification() && error(call, RpcException.busy());
        }
        int before = out.length();
        try {
            Envelope.beginResult(out).value(entry.method(), params.set(bytes, call.paramsFrom, call.paramsTo));
        } catch (Exception e) {
            out.truncate(before);
            return error(call, errorOf(service, entry, e)) && !call.isNotification();
        }
        call.putId(Envelope.id(out), bytes, Envelope.NULL).put('}');
        return !call.isNotification();
    }

    private boolean error(Call call, RpcException error) {
        call.putId(Envelope.error(out, error, params), bytes, Envelope.NULL).put('}');
        return true;
    }

    private static RpcException errorOf(JsonRpc service, JsonRpc.Entry entry, Exception failure) {
        if (failure instanceof RpcException known) {
            return known;
        }
        service.failures.accept(entry.name(), failure);
        return RpcException.internalError();
    }

    /** Starts a slow call; false if there is no room for it. */
    private boolean start(Call call, JsonRpc.Entry entry, Pending pending, Offload to) {
        SlowCall slow = new SlowCall(
                service,
                entry,
                Arrays.copyOfRange(bytes, call.paramsFrom, call.paramsTo),
                call.isNotification()
                        ? null
                        : call.putId(new Output(service.factory), bytes, Envelope.NULL)
                                .copyFrom(0));
        try {
            pending.start(to, slow::run, slow::failed);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /**
     * A call that is made elsewhere, with what it needs copied.
     *
     * @param id null for a notification
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record SlowCall(JsonRpc service, JsonRpc.Entry entry, byte[] params, byte @Nullable [] id) {
        byte[] run() {
            Params given = new Params(new FedParser(service.factory)).set(params, 0, params.length);
            Output to = new Output(service.factory);
            try {
                Envelope.beginResult(to).value(entry.method(), given);
                Envelope.id(to);
            } catch (Exception e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                Envelope.error(to.clear(), errorOf(service, entry, e), given);
            }
            return whole(to);
        }

        byte[] failed(@Nullable Throwable failure) {
            RpcException error =
                    failure instanceof RejectedExecutionException ? RpcException.busy() : RpcException.internalError();
            Output to = new Output(service.factory);
            return whole(Envelope.error(to, error, new Params(new FedParser(service.factory))));
        }

        private byte[] whole(Output to) {
            return id == null ? new byte[0] : to.put(id).put('}').copyFrom(0);
        }
    }
}
