package io.millio.bench.siege;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;

/**
 * The program of the attackers' process. Arguments: the name of an attack, or {@link #PEACE} and such a name; the port;
 * connections; seconds. It prints a line when it begins, one with what it has done, and ends; and it ends with its
 * standard input, as that does with the process that has started it.
 */
final class Attackers {
    static final String PEACE = "peace:";

    /** Of the descriptors that a process may have, those that it needs itself. */
    private static final int OWN_DESCRIPTORS = 200;

    /** How many times as long an attack takes at most, if it is slow to open its connections. */
    static final int MAX_FACTOR = 3;

    private Attackers() {}

    public static void main(String[] args) throws IOException {
        PrintStream out = System.out;
        endWithStandardInput();
        Script script = args[0].startsWith(PEACE)
                ? Attack.valueOf(args[0].substring(PEACE.length())).peaceful()
                : Attack.valueOf(args[0]).script();
        int connections = Math.min(Integer.parseInt(args[2]), maxConnections());
        AttackPeers peers = new AttackPeers(script, Integer.parseInt(args[1]), connections);
        out.println(connections);
        long nanos = Integer.parseInt(args[3]) * 1_000_000_000L;
        long now = System.nanoTime();
        AttackPeers.Tally tally = peers.run(now + nanos, now + MAX_FACTOR * nanos);
        out.println(tally.opened() + " " + tally.refused() + " " + tally.ended() + " " + tally.sources() + " "
                + tally.sentBytes());
        System.exit(0);
    }

    static AttackPeers.Tally parse(String line) {
        String[] numbers = line.split(" ", -1);
        return new AttackPeers.Tally(
                Integer.parseInt(numbers[0]),
                Integer.parseInt(numbers[1]),
                Integer.parseInt(numbers[2]),
                Integer.parseInt(numbers[3]),
                Long.parseLong(numbers[4]));
    }

    /** How many connections the descriptors of a process allow. */
    static int maxConnections() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? (int) Math.min(Integer.MAX_VALUE, system.getMaxFileDescriptorCount() - OWN_DESCRIPTORS)
                : Integer.MAX_VALUE;
    }

    private static void endWithStandardInput() {
        Thread watcher = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) { // until the process that has started this one has gone
                        }
                    } catch (IOException e) {
                        System.err.println("standard input: " + e);
                    }
                    System.exit(1);
                },
                "standard-input");
        watcher.setDaemon(true);
        watcher.start();
    }
}
