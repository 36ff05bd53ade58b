package io.millio.bench.http.server;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/**
 * The program of a server's process. Its argument is a {@link Server}. It prints its port; each line on its standard
 * input is answered with the bytes of the heap that are used after a collection. It ends with its standard input.
 */
public final class ServerProgram {
    /** What the answers begin with; other lines on standard output are of libraries. */
    public static final String HEAP = "heap ";

    /** What the line with the port begins with. */
    public static final String PORT = "port ";

    private static final int MAX_COLLECTIONS = 10;
    private static final long SETTLED_BYTES = 16_384;

    private ServerProgram() {}

    public static void main(String[] args) throws Exception {
        System.out.println(PORT + Server.valueOf(args[0]).start());
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        while (requests.readLine() != null) {
            System.out.println(HEAP + heap());
        }
        System.exit(0);
    }

    /** Collects until a collection frees nothing that counts. */
    private static long heap() {
        long before = Long.MAX_VALUE;
        for (int i = 0; i < MAX_COLLECTIONS; i++) {
            System.gc();
            long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            if (used > before - SETTLED_BYTES) {
                return Math.min(used, before);
            }
            before = used;
        }
        return before;
    }
}
