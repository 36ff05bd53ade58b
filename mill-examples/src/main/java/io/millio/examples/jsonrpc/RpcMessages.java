package io.millio.examples.jsonrpc;

import java.io.StringWriter;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The messages of a client that has one call under way at a time. Any thread. */
public final class RpcMessages {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int ID = 1;

    private RpcMessages() {}

    /**
     * What was answered.
     *
     * @param result as JSON; null if there is an error
     * @param error code, message and data in a line; null if there is none
     */
    public record Answer(@Nullable String result, @Nullable String error) {}

    /**
     * A request, or a notification, in UTF-8, without a line end in it.
     *
     * @param params an array or an object as JSON; null for none
     * @throws IllegalArgumentException if the parameters are something else
     */
    public static ByteBuffer request(String method, @Nullable String params, boolean notification) {
        Output out = new Output(JSON);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("jsonrpc", "2.0");
            json.writeStringProperty("method", method);
            if (params != null) {
                json.writeName("params");
                copy(params, json);
            }
            if (!notification) {
                json.writeNumberProperty("id", ID);
            }
            json.writeEndObject();
        }
        return out.view();
    }

    private static void copy(String params, JsonGenerator into) {
        try (JsonParser from = JSON.createParser(ObjectReadContext.empty(), params)) {
            JsonToken first = from.nextToken();
            if (first == null || !first.isStructStart()) {
                throw new IllegalArgumentException("params: " + params + ", must be an array or an object");
            }
            into.copyCurrentStructureExact(from);
            if (from.nextToken() != null) {
                throw new IllegalArgumentException("params: " + params + ", must be one value");
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("params: " + params + ", must be JSON: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Reads an answer.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Answer answer(ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        String result = null;
        String error = null;
        try (JsonParser from = JSON.createParser(ObjectReadContext.empty(), bytes)) {
            if (from.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("the answer is no object");
            }
            for (String name; (name = from.nextName()) != null; ) {
                JsonToken token = from.nextToken();
                if (name.equals("result")) {
                    result = text(from);
                } else if (name.equals("error") && token == JsonToken.START_OBJECT) {
                    error = error(from);
                } else {
                    from.skipChildren();
                }
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the answer is no JSON: " + e.getOriginalMessage(), e);
        }
        if ((result == null) == (error == null)) {
            throw new IllegalArgumentException("the answer has not either a result or an error");
        }
        return new Answer(result, error);
    }

    private static String text(JsonParser value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator to = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            to.copyCurrentStructureExact(value);
        }
        return text.toString();
    }

    private static String error(JsonParser from) {
        String code = "";
        String message = "";
        String data = "";
        for (String name; (name = from.nextName()) != null; ) {
            JsonToken token = from.nextToken();
            switch (name) {
                case "code" -> code = text(from);
                case "message" -> message = " " + from.getValueAsString("");
                case "data" -> data = ": " + (token == JsonToken.VALUE_STRING ? from.getString() : text(from));
                default -> from.skipChildren();
            }
        }
        return code + message + data;
    }
}
