package io.millio.http.wire;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Dates as HTTP writes them, to the second (RFC 9110, 5.6.7). */
public final class HttpDates {
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private HttpDates() {}

    public static String text(long epochSecond) {
        return FORM.format(Instant.ofEpochSecond(epochSecond));
    }

    /** The seconds since the epoch; null if it is not a date of the one form that is still made. */
    public static @Nullable Long parse(String text) {
        try {
            return Instant.from(FORM.parse(text)).getEpochSecond();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
