package io.millio.http.wire;

import java.util.Arrays;

/**
 * Where the fields of a head, or of a trailer, are: four numbers each, relative to the head's first byte.
 *
 * <pre>
 *   name start · name length · value start · value length
 * </pre>
 *
 * <p>One thread at a time.
 */
public final class Fields {
    private static final int EACH = 4;
    private static final int FIRST_ROOM = 16;

    private int[] places;
    private int count;

    /** Creates an empty one with room for 16 fields. */
    public Fields() {
        places = new int[FIRST_ROOM * EACH];
    }

    /** Creates a copy without spare room. */
    public Fields(Fields from) {
        count = from.count;
        places = Arrays.copyOf(from.places, count * EACH);
    }

    public int count() {
        return count;
    }

    public void clear() {
        count = 0;
    }

    public void add(int nameStart, int nameLength, int valueStart, int valueLength) {
        int at = count * EACH;
        if (at == places.length) {
            places = Arrays.copyOf(places, 2 * at + EACH);
        }
        places[at] = nameStart;
        places[at + 1] = nameLength;
        places[at + 2] = valueStart;
        places[at + 3] = valueLength;
        count++;
    }

    /** Gives a field another value, which is elsewhere in the head. */
    public void setValue(int field, int valueStart, int valueLength) {
        places[field * EACH + 2] = valueStart;
        places[field * EACH + 3] = valueLength;
    }

    public int nameStart(int field) {
        return places[field * EACH];
    }

    public int nameLength(int field) {
        return places[field * EACH + 1];
    }

    public int valueStart(int field) {
        return places[field * EACH + 2];
    }

    public int valueLength(int field) {
        return places[field * EACH + 3];
    }

    /** Returns the next field of a name, from one on, whatever the case; -1 if there is none. O(fields). */
    public int find(byte[] head, String name, int from) {
        for (int i = from; i < count; i++) {
            if (Ascii.equalsIgnoreCase(head, nameStart(i), nameLength(i), name)) {
                return i;
            }
        }
        return -1;
    }
}
