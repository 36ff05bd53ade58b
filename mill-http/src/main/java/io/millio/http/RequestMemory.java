package io.millio.http;

import io.millio.net.Connection;

/**
 * What a request keeps besides the buffers of its connection: parts of its body, a large head, a large answer, the
 * state of a compressor. It is charged to the memory budget of the connection until the request is over. Any thread.
 */
final class RequestMemory {
    /** The flat part of a connection: the objects of HTTP, and those of a request with a head that is not large. */
    static final int CONNECTION_BYTES = 3 * 1024;

    /** A larger head is charged by itself. */
    private static final int MAX_FLAT_HEAD_BYTES = 1024;

    private final Connection connection;

    // Guarded by this.
    private long charged;
    private boolean over;

    private RequestMemory(Connection connection) {
        this.connection = connection;
    }

    /** Returns that of a request, which few requests need. */
    static RequestMemory of(HttpRequest request) {
        RequestMemory known = request.memory;
        if (known == null) {
            synchronized (request) {
                known = request.memory;
                if (known == null) {
                    known = new RequestMemory(request.connection());
                    request.memory = known;
                }
            }
        }
        return known;
    }

    /** Charges the head of a request if it is large. */
    static void chargeHead(HttpRequest request) {
        int bytes = request.head.length;
        if (bytes > MAX_FLAT_HEAD_BYTES) {
            of(request).charge(bytes);
        }
    }

    /**
     * Charges the copy of an incomplete head if it is large: the connection has those bytes too. Returns what is
     * charged now.
     */
    static int chargeParser(Connection connection, int bytes, int charged) {
        if (bytes <= MAX_FLAT_HEAD_BYTES || bytes <= charged) {
            return charged;
        }
        connection.charge(bytes - charged);
        return bytes;
    }

    /** Releases what is charged for an incomplete head, and returns 0. */
    static int releaseParser(Connection connection, int charged) {
        if (charged > 0) {
            connection.release(charged);
        }
        return 0;
    }

    /** Releases what a request has charged, as it is over; what it charges later is not counted. */
    static void end(HttpRequest request) {
        RequestMemory known = request.memory;
        if (known != null) {
            known.end();
        }
    }

    synchronized void charge(long bytes) {
        if (!over) {
            connection.charge(bytes);
            charged += bytes;
        }
    }

    synchronized void release(long bytes) {
        if (!over) {
            connection.release(bytes);
            charged -= bytes;
        }
    }

    private synchronized void end() {
        if (!over) {
            over = true;
            connection.release(charged);
        }
    }
}
