package io.millio.bench.siege;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Attackers, or the peaceful load, in a process of their own: with the lowest priority where the system has
 * {@code nice}, and on its last processor alone where it has {@code taskset}. One thread.
 */
final class AttackProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration LEAVE = Duration.ofSeconds(20);
    private static final List<String> JVM_OPTIONS = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final ChildProcess process;
    private final int seconds;

    /** How many connections they hold at a time: no more than their descriptors allow. */
    final int connections;

    private AttackProcess(ChildProcess process, int connections, int seconds) {
        this.process = process;
        this.connections = connections;
        this.seconds = seconds;
    }

    /** Starts an attack; it has begun when this returns. */
    static AttackProcess attack(Attack attack, int port, int connections, int seconds)
            throws IOException, InterruptedException {
        return start(attack.name(), port, connections, seconds);
    }

    /** Starts the peaceful load that is compared with an attack. */
    static AttackProcess peace(Attack attack, int port, int connections, int seconds)
            throws IOException, InterruptedException {
        return start(Attackers.PEACE + attack.name(), port, attack.peacefulConnections(connections), seconds);
    }

    private static AttackProcess start(String what, int port, int connections, int seconds)
            throws IOException, InterruptedException {
        ChildProcess process = ChildProcess.start(
                prefix(),
                Attackers.class,
                JVM_OPTIONS,
                List.of(what, Integer.toString(port), Integer.toString(connections), Integer.toString(seconds)),
                null);
        AttackProcess started = null;
        try {
            started = new AttackProcess(process, Integer.parseInt(process.line(START)), seconds);
            return started;
        } finally {
            if (started == null) {
                process.close();
            }
        }
    }

    private static List<String> prefix() {
        List<String> prefix = new ArrayList<>();
        String nice = ChildProcess.find("nice");
        if (nice != null) {
            prefix.addAll(List.of(nice, "-n", "19"));
        }
        int processors = Runtime.getRuntime().availableProcessors();
        String taskset = ChildProcess.find("taskset");
        if (taskset != null && processors > 1) {
            prefix.addAll(List.of(taskset, "-c", Integer.toString(processors - 1)));
        }
        return prefix;
    }

    /** Waits until they have left; returns what they have done. */
    AttackPeers.Tally awaitEnd() throws IOException, InterruptedException {
        return Attackers.parse(process.line(LEAVE.plusSeconds((long) Attackers.MAX_FACTOR * seconds)));
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
