package io.millio.http;

import io.millio.http.wire.Bytes;
import io.millio.http.wire.Syntax;

/** Checks the fields that a program sets. */
final class HttpFields {
    private HttpFields() {}

    /** Refuses what is no field, and those that only the server may set: a wrong one would let two readers disagree. */
    static void check(String name, String value) {
        int length = name.length();
        boolean token = length > 0;
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            token &= c < 128 && Syntax.is(Syntax.TOKEN, (byte) c);
        }
        if (!token) {
            throw new IllegalArgumentException("name: \"" + name + "\" is not the name of a field");
        }
        switch (length) {
            case 4, 10, 14, 17 -> {
                if (name.equalsIgnoreCase("date")
                        || name.equalsIgnoreCase("connection")
                        || name.equalsIgnoreCase("content-length")
                        || name.equalsIgnoreCase("transfer-encoding")) {
                    throw new IllegalArgumentException("name: " + name + " is set by the server");
                }
            }
            default -> {}
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 255 || !Syntax.is(Syntax.VALUE, (byte) c)) {
                throw new IllegalArgumentException("value of " + name + ": has the character " + (int) c + " at " + i
                        + ", which a field can't have");
            }
        }
    }

    static void put(Bytes to, String name, String value) {
        check(name, value);
        putChecked(to, name, value);
    }

    static void putChecked(Bytes to, String name, String value) {
        to.put(name).put(':').put(' ').put(value).put('\r').put('\n');
    }
}
