package io.millio.http.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The parameters of a query, encoded as forms encode. */
public final class QueryParameters {
    private QueryParameters() {}

    /** Returns the decoded values of a name, in order; at most one if only the first is asked for. */
    public static List<String> values(@Nullable String query, String name, boolean first) {
        Objects.requireNonNull(name, "name");
        List<String> values = new ArrayList<>();
        if (query == null) {
            return values;
        }
        for (String each : query.split("&", -1)) {
            int equals = each.indexOf('=');
            String key = equals < 0 ? each : each.substring(0, equals);
            if (name.equals(Percent.decode(key, true))) {
                values.add(equals < 0 ? "" : Percent.decode(each.substring(equals + 1), true));
                if (first) {
                    break;
                }
            }
        }
        return values;
    }
}
