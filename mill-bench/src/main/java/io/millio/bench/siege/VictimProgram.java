package io.millio.bench.siege;

import io.netty.util.internal.PlatformDependent;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The program of a victim's process. Arguments: the victim, its protocol, and the key store. It prints its port; each
 * line on its standard input is answered with the bytes that are used after a collection, of the heap and of direct
 * buffers. It ends with its standard input.
 */
final class VictimProgram {
    /** What the answers begin with; other lines on standard output are the JVM's. */
    static final String MEMORY = "memory ";

    private VictimProgram() {}

    /**
     * Logs a failure with its stack trace, where {@link VictimLog} finds it. It throws nothing itself, so that threads
     * of this program go on: a victim is to die of its library.
     */
    static void log(Throwable failure) {
        try {
            failure.printStackTrace();
        } catch (OutOfMemoryError | LinkageError e) {
            // no memory is left to log it with
        }
    }

    public static void main(String[] args) throws Exception {
        Victim victim = Victim.valueOf(args[0]);
        PrintStream out = System.out;
        new Throwable().printStackTrace(new PrintStream(OutputStream.nullOutputStream())); // loads what log needs
        memory(victim);
        out.println(start(victim, Protocol.valueOf(args[1]), Path.of(args[2])));
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        boolean open = true;
        while (open) {
            try {
                open = requests.readLine() != null;
                if (open) {
                    out.println(memory(victim));
                }
            } catch (OutOfMemoryError e) {
                log(e); // the siege waits in vain for an answer, and reports that
            }
        }
        System.exit(0);
    }

    private static int start(Victim victim, Protocol protocol, Path keys) throws Exception {
        return switch (victim) {
            case MILL_EPOLL, MILL_NIO -> MillServers.start(protocol, keys);
            case NETTY, NETTY_GUARDED -> NettyServers.start(protocol, keys, victim.isGuarded());
            case UNDERTOW, UNDERTOW_GUARDED -> UndertowServer.start(protocol, keys, victim.isGuarded());
            case VERTX, VERTX_GUARDED -> VertxServer.start(protocol, keys, victim.isGuarded());
        };
    }

    /** Collects until no more is freed: direct buffers are some time after the collection that has found them. */
    private static String memory(Victim victim) throws InterruptedException {
        long before = Long.MAX_VALUE;
        long heap;
        long direct;
        for (int i = 0; ; i++) {
            System.gc();
            Thread.sleep(100);
            heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            direct = direct(victim);
            if (i == 9 || heap + direct > before - 65_536) {
                return MEMORY + heap + " " + direct;
            }
            before = heap + direct;
        }
    }

    private static long direct(Victim victim) {
        long direct = 0;
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            direct += pool.getMemoryUsed();
        }
        if (victim.usesNetty()) { // what it allocates past the platform's buffers, it counts itself
            direct = Math.max(direct, PlatformDependent.usedDirectMemory());
        }
        return direct;
    }
}
