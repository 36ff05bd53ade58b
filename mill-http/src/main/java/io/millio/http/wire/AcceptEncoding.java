package io.millio.http.wire;

import java.util.ArrayList;
import java.util.List;

/** The content codings that a client accepts (RFC 9110, 12.5.3), for files and compressed answers: strings are made. */
public final class AcceptEncoding {
    /** In thousandths, as all weights. */
    private static final int FULL = 1000;

    private AcceptEncoding() {}

    /**
     * Returns the codings that the client prefers to none, best first; codings of the same weight stay in their order.
     * None where there is no Accept-Encoding field: the client may accept any, but does not say that it can decode
     * them.
     *
     * @param fields the values of all Accept-Encoding fields of a request
     * @param available in lower case
     */
    public static List<String> preferred(List<String> fields, List<String> available) {
        if (fields.isEmpty()) {
            return List.of();
        }
        String[] elements = String.join(",", fields).split(",", -1);
        // Acceptable unless it is excluded, but nothing that is asked for is worse.
        int plain = weightOf("identity", elements, 1);
        List<String> preferred = new ArrayList<>(available);
        preferred.removeIf(coding -> weightOf(coding, elements, 0) < Math.max(1, plain));
        preferred.sort((a, b) -> Integer.compare(weightOf(b, elements, 0), weightOf(a, elements, 0)));
        return preferred;
    }

    private static int weightOf(String coding, String[] elements, int otherwise) {
        int any = otherwise;
        for (String each : elements) {
            int semicolon = each.indexOf(';');
            String name = (semicolon < 0 ? each : each.substring(0, semicolon)).strip();
            if (name.equalsIgnoreCase(coding) || name.equalsIgnoreCase("x-" + coding)) { // x-gzip (RFC 9110, 8.4.1.3)
                return weight(each, semicolon);
            }
            if (name.equals("*")) {
                any = weight(each, semicolon);
            }
        }
        return any;
    }

    /** The weight behind a name; 0 if it is malformed, so that the coding is not sent. */
    private static int weight(String element, int semicolon) {
        if (semicolon < 0) {
            return FULL;
        }
        String parameter = element.substring(semicolon + 1).strip();
        if (!parameter.matches("[qQ]=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)")) {
            return 0;
        }
        return (int) Math.round(Double.parseDouble(parameter.substring(2)) * FULL);
    }
}
