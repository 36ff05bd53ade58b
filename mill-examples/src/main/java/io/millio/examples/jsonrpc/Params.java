package io.millio.examples.jsonrpc;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The parameters of a call, still as JSON: a method parses them as it needs them. One thread at a time. */
public final class Params {
    private final FedParser parser;
    private byte[] bytes = {};
    private int from;
    private int to;

    Params(FedParser parser) {
        this.parser = parser;
    }

    Params set(byte[] in, int start, int end) {
        bytes = in;
        from = start;
        to = end;
        return this;
    }

    /** Whether there are any. */
    public boolean isPresent() {
        return from < to;
    }

    /** Whether they have names, as members of an object; else they are an array. */
    public boolean isNamed() {
        return isPresent() && bytes[from] == '{';
    }

    /**
     * A parser on their first token. They have been parsed before and are well-formed. Calling it again begins anew.
     *
     * @throws RpcException if there are none
     */
    public JsonParser parser() throws RpcException {
        if (!isPresent()) {
            throw RpcException.invalidParams("there must be some");
        }
        JsonParser json = parser.begin(bytes, from, to);
        json.nextToken();
        return json;
    }

    /** Refuses any parameter. */
    public void none() throws RpcException {
        if (isPresent() && parser().nextToken() != (isNamed() ? JsonToken.END_OBJECT : JsonToken.END_ARRAY)) {
            throw RpcException.invalidParams("there must be none");
        }
    }

    /**
     * Exactly these parameters, all numbers, in this order or by these names.
     *
     * @return each a {@code Long} or a {@code Double}
     */
    public Number[] numbers(String... names) throws RpcException {
        @Nullable Number[] found = new Number[names.length];
        JsonParser json = parser();
        boolean named = isNamed();
        int count = 0;
        for (JsonToken token = json.nextToken(); !token.isStructEnd(); token = json.nextToken()) {
            int at = count;
            if (named) {
                at = indexOf(names, json.currentName());
                token = json.nextToken();
            }
            if (at < 0 || at >= names.length || found[at] != null) {
                throw RpcException.invalidParams("they must be " + String.join(", ", names));
            }
            found[at] = number(json, token);
            count++;
        }
        if (count < names.length) {
            throw RpcException.invalidParams("they must be " + String.join(", ", names));
        }
        for (Number each : found) {
            Objects.requireNonNull(each);
        }
        @SuppressWarnings("NullAway") // none is null
        Number[] all = found;
        return all;
    }

    private static int indexOf(String[] names, String name) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** The number that a parser stands on: a whole one as {@code Long}, else as {@code Double}. */
    static Number number(JsonParser json, JsonToken token) throws RpcException {
        if (token == JsonToken.VALUE_NUMBER_INT && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return json.getLongValue();
        }
        double value = token.isNumeric() ? json.getDoubleValue() : Double.NaN;
        if (token != JsonToken.VALUE_NUMBER_FLOAT || Double.isInfinite(value)) {
            throw RpcException.invalidParams(
                    token.isNumeric() ? "a number is too large" : "they must be numbers, of which one is none");
        }
        return value;
    }
}
