package io.millio.bench.siege;

import io.millio.bench.siege.WellBehavedClient.Phase;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Besieges one victim by one attack: starts the victim, measures it next to a peaceful load, attacks it, and looks at
 * what is left of it. Everything it starts has ended when it returns. One thread.
 */
final class Siege {
    private static final int NEW_CONNECTIONS_AFTER = 20;
    private static final long ACCEPT_AGAIN_MILLIS = 2_000;
    private static final long MEMORY_POLL_MILLIS = 500;

    private final Effort effort;
    private final Path folder;
    private final Path keys;
    private final SSLContext tls;
    private final PrintWriter progress;

    /**
     * How much is done.
     *
     * @param heap of the victim, as {@code -Xmx} takes it
     * @param connections of the attackers at a time; 0: what each attack has by default
     * @param warmUpSeconds under the peaceful load before anything counts, at least 1
     * @param peaceSeconds how long peace is measured, at least 1
     * @param attackSeconds how long the attack takes, at least 1
     * @param memorySeconds after the attackers have left, when memory is measured
     * @param early whether memory is measured as soon as it is back
     */
    record Effort(
            String heap,
            int connections,
            int warmUpSeconds,
            int peaceSeconds,
            int attackSeconds,
            int memorySeconds,
            boolean early) {}

    /**
     * Sieges.
     *
     * @param folder where the logs of the victims are left; it exists
     * @param keys the key store for TLS, made by {@link ServerKeys#make}
     */
    Siege(Effort effort, Path folder, Path keys, SSLContext tls, PrintWriter progress) {
        this.effort = effort;
        this.folder = folder;
        this.keys = keys;
        this.tls = tls;
        this.progress = progress;
    }

    Outcome run(Attack attack, Victim victim) throws IOException, InterruptedException {
        Path log = folder.resolve(attack.title() + "-" + victim.title() + ".log");
        Files.deleteIfExists(log);
        try (VictimProcess process = VictimProcess.start(victim, attack.protocol, effort.heap, keys, log)) {
            try (WellBehavedClient client = new WellBehavedClient(attack.protocol, process.port(), tls)) {
                return besiege(attack, victim, process, client, log);
            }
        }
    }

    private Outcome besiege(Attack attack, Victim victim, VictimProcess process, WellBehavedClient client, Path log)
            throws IOException, InterruptedException {
        int port = process.port();
        int connections = effort.connections > 0 ? effort.connections : attack.connections;
        double peaceCpu;
        try (AttackProcess peace =
                AttackProcess.peace(attack, port, connections, effort.warmUpSeconds + effort.peaceSeconds)) {
            Thread.sleep(effort.warmUpSeconds * 1_000L);
            CpuShare cpu = new CpuShare(process);
            client.phase(Phase.PEACE);
            peace.awaitEnd();
            client.phase(Phase.UNCOUNTED);
            peaceCpu = cpu.share();
        }
        Memory before = process.memory();
        CpuShare cpu = new CpuShare(process);
        AttackPeers.Tally tally = attack(attack, port, connections, client);
        double attackCpu = cpu.share();

        long leftNanos = System.nanoTime();
        sleepUntil(leftNanos, ACCEPT_AGAIN_MILLIS);
        boolean acceptedAfter = client.allAnswered(NEW_CONNECTIONS_AFTER);
        Memory after = memoryAfter(process, before, leftNanos);
        boolean alive = process.isRunning() && client.allAnswered(1);
        process.logOtherLines();
        if (!alive) {
            process.logThreads();
        }
        return new Outcome(
                attack,
                victim,
                connections,
                alive,
                tally,
                before,
                after,
                client.oldErrors(),
                client.p99Millis(Phase.PEACE),
                client.p99Millis(Phase.ATTACK),
                peaceCpu,
                attackCpu,
                client.newShare(),
                client.firstAnswerMillis(),
                acceptedAfter,
                VictimLog.read(log));
    }

    /** The processor time that a victim uses from now on. */
    private static final class CpuShare {
        private final VictimProcess process;
        private final double fromSeconds;
        private final long fromNanos;

        CpuShare(VictimProcess process) {
            this.process = process;
            this.fromSeconds = process.cpuSeconds();
            this.fromNanos = System.nanoTime();
        }

        /** Of one processor; NaN where the system does not say. */
        double share() {
            return (process.cpuSeconds() - fromSeconds) / ((System.nanoTime() - fromNanos) / 1e9);
        }
    }

    private AttackPeers.@Nullable Tally attack(Attack attack, int port, int connections, WellBehavedClient client)
            throws IOException, InterruptedException {
        try (AttackProcess attackers = AttackProcess.attack(attack, port, connections, effort.attackSeconds)) {
            if (attackers.connections < connections) {
                progress.printf(
                        Locale.ROOT,
                        "  descriptors allow the attackers %,d connections, not %,d%n",
                        attackers.connections,
                        connections);
            }
            client.phase(Phase.ATTACK);
            return attackers.awaitEnd();
        } catch (IOException e) {
            progress.println("  the attackers failed: " + e.getMessage());
            return null;
        } finally {
            client.phase(Phase.UNCOUNTED);
        }
    }

    private Memory memoryAfter(VictimProcess process, Memory before, long leftNanos)
            throws IOException, InterruptedException {
        long lastMillis = effort.memorySeconds * 1_000L;
        if (!effort.early) {
            sleepUntil(leftNanos, lastMillis);
            return process.memory();
        }
        Memory after = process.memory();
        while (!Outcome.isMemoryBack(before, after)
                && process.isRunning()
                && System.nanoTime() - leftNanos < lastMillis * 1_000_000) {
            Thread.sleep(MEMORY_POLL_MILLIS);
            after = process.memory();
        }
        return after;
    }

    private static void sleepUntil(long fromNanos, long millis) throws InterruptedException {
        long left = millis - (System.nanoTime() - fromNanos) / 1_000_000;
        if (left > 0) {
            Thread.sleep(left);
        }
    }
}
