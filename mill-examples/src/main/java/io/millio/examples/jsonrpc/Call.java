package io.millio.examples.jsonrpc;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * One request object of a message, as places in its bytes: parameters and id stay JSON, the id so that it is answered
 * as it came. Used again for other calls.
 */
final class Call {
    private static final int NONE = -1;

    private boolean isVersion2;
    private boolean isWrong;

    @Nullable
    String method;

    int paramsFrom;
    int paramsTo;
    private int idFrom;
    private int idTo;

    /** Takes what a parser stands on. Throws what the parser throws, at what is no JSON or too deep. */
    void parse(JsonParser json, JsonToken first, FedParser places) {
        isVersion2 = false;
        isWrong = false;
        method = null;
        paramsFrom = 0;
        paramsTo = 0;
        idFrom = NONE;
        idTo = NONE;
        if (first != JsonToken.START_OBJECT) {
            isWrong = true;
            skip(json, first);
            return;
        }
        for (String name; (name = json.nextName()) != null; ) {
            JsonToken token = json.nextToken();
            switch (name) {
                case "jsonrpc" -> isVersion2 = token == JsonToken.VALUE_STRING && isVersion2(json);
                case "method" -> {
                    method = token == JsonToken.VALUE_STRING ? json.getString() : null;
                    skip(json, token);
                }
                case "params" -> {
                    isWrong |= !token.isStructStart();
                    paramsFrom = places.tokenStart(json);
                    skip(json, token);
                    paramsTo = places.tokenEnd(json);
                }
                case "id" -> {
                    int start = places.tokenStart(json);
                    skip(json, token);
                    if (token == JsonToken.VALUE_STRING || token.isNumeric() || token == JsonToken.VALUE_NULL) {
                        idFrom = start;
                        idTo = places.tokenEnd(json);
                    } else {
                        isWrong = true;
                    }
                }
                default -> json.skipChildren();
            }
        }
    }

    private static boolean isVersion2(JsonParser json) {
        if (json.getStringLength() != 3) {
            return false;
        }
        char[] text = json.getStringCharacters();
        int at = json.getStringOffset();
        return text[at] == '2' && text[at + 1] == '.' && text[at + 2] == '0';
    }

    private static void skip(JsonParser json, JsonToken token) {
        if (token.isStructStart()) {
            json.skipChildren();
        } else {
            json.finishToken();
        }
    }

    boolean isValid() {
        return isVersion2 && !isWrong && method != null;
    }

    /** Whether the call expects no answer. An invalid request is answered in any case. */
    boolean isNotification() {
        return idFrom == NONE;
    }

    /** Writes the id as it came; null if there is none that could be read. */
    Output putId(Output out, byte[] message, byte[] otherwise) {
        return isNotification() ? out.put(otherwise) : out.put(message, idFrom, idTo);
    }
}
