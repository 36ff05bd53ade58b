package io.millio.http;

import java.util.Arrays;

/** Where in a path the parameters are that a router has matched. */
final class PathParameters {
    private static final int FIRST_ROOM = 4;

    private static final String[] NO_NAMES = {};

    private String[] names = NO_NAMES;
    private int[] places = new int[2 * FIRST_ROOM];
    private int count;

    int count() {
        return count;
    }

    /** Forgets those after the first few: the path is tried another way. */
    void cutTo(int first) {
        count = first;
    }

    void add(int start, int end) {
        if (2 * count == places.length) {
            places = Arrays.copyOf(places, 2 * places.length);
        }
        places[2 * count] = start;
        places[2 * count + 1] = end;
        count++;
    }

    /** The names of those that were added, in order. */
    void named(String[] all) {
        names = all;
    }

    int find(String name) {
        for (int i = 0; i < Math.min(count, names.length); i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    int start(int at) {
        return places[2 * at];
    }

    int end(int at) {
        return places[2 * at + 1];
    }
}
