package io.millio.http.wire;

import java.util.List;

/** The field Accept-Encoding (RFC 9110, 12.5.3). */
public final class AcceptEncoding {
    private static final int FULL = 1000;
    private static final int ABSENT = -1;

    private AcceptEncoding() {}

    /** Returns whether a client that sends these values takes gzip, and does not prefer the plain body. */
    public static boolean prefersGzip(List<String> values) {
        int gzip = ABSENT;
        int identity = ABSENT;
        int any = ABSENT;
        for (String value : values) {
            for (String element : value.split(",", -1)) {
                int semicolon = element.indexOf(';');
                String coding = (semicolon < 0 ? element : element.substring(0, semicolon)).strip();
                int weight = semicolon < 0 ? FULL : weight(element.substring(semicolon + 1));
                if (coding.equalsIgnoreCase("gzip") || coding.equalsIgnoreCase("x-gzip")) {
                    gzip = Math.max(gzip, weight);
                } else if (coding.equalsIgnoreCase("identity")) {
                    identity = weight;
                } else if (coding.equals("*")) {
                    any = weight;
                }
            }
        }
        int taken = gzip == ABSENT ? any : gzip;
        return taken > 0 && taken >= identity;
    }

    /** Returns a weight in thousandths; 0 for one that is malformed. */
    private static int weight(String parameter) {
        String text = parameter.strip();
        if (!text.startsWith("q=") && !text.startsWith("Q=")) {
            return 0;
        }
        String digits = text.substring(2);
        boolean valid = !digits.isEmpty() && digits.length() <= 5 && (digits.length() == 1 || digits.charAt(1) == '.');
        int weight = 0;
        int unit = FULL;
        for (int i = 0; valid && i < digits.length(); i++) {
            if (i != 1) {
                valid = digits.charAt(i) >= '0' && digits.charAt(i) <= '9';
                weight += (digits.charAt(i) - '0') * unit;
                unit /= 10;
            }
        }
        return valid && weight <= FULL ? weight : 0;
    }
}
