package io.millio.http.wire;

import java.util.List;

/** Fields whose value is a list (RFC 9110, 5.6.1), as text. */
public final class FieldLists {
    private FieldLists() {}

    /** Returns whether one of the lists has an element, without regard to case. */
    public static boolean contain(List<String> lists, String element) {
        for (String list : lists) {
            for (String each : list.split(",", -1)) {
                if (each.strip().equalsIgnoreCase(element)) {
                    return true;
                }
            }
        }
        return false;
    }
}
