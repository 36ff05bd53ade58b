package io.millio.http;

import java.nio.file.Path;

/**
 * A file as it was found.
 *
 * @param path its real path: no link is in it
 */
record FileState(Path path, long size, long modifiedMillis) {
    long modifiedSecond() {
        return Math.floorDiv(modifiedMillis, 1000L);
    }

    /** Changes when the size or the time of the last change does. */
    String etag() {
        return '"' + Long.toHexString(modifiedMillis) + '-' + Long.toHexString(size) + '"';
    }
}
