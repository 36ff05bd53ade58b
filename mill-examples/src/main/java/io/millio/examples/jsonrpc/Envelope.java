package io.millio.examples.jsonrpc;

import java.nio.charset.StandardCharsets;

/** What is around results and errors in answers. */
final class Envelope {
    static final byte[] NULL = ascii("null");

    private static final byte[] RESULT = ascii("{\"jsonrpc\":\"2.0\",\"result\":");
    private static final byte[] ERROR = ascii("{\"jsonrpc\":\"2.0\",\"error\":");
    private static final byte[] ID = ascii(",\"id\":");

    private Envelope() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static Output beginResult(Output out) {
        return out.put(RESULT);
    }

    /** Goes before the id. */
    static Output id(Output out) {
        return out.put(ID);
    }

    /** An answer but for its id. */
    static Output error(Output out, RpcException error, Params none) {
        out.put(ERROR);
        try {
            out.value(
                    (params, json) -> {
                        json.writeStartObject();
                        json.writeNumberProperty("code", error.code());
                        json.writeStringProperty("message", error.message());
                        if (error.data() != null) {
                            json.writeStringProperty("data", error.data());
                        }
                        json.writeEndObject();
                    },
                    none);
        } catch (Exception e) {
            throw new IllegalStateException(e); // writing to memory
        }
        return out.put(ID);
    }
}
