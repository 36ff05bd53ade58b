package io.millio.metrics;

import java.util.Locale;

/** Values of tags. */
final class Names {
    private Names() {}

    /** A constant as the value of a tag: {@code tls_failed}. */
    static String tag(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
