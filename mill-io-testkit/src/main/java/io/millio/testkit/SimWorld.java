package io.millio.testkit;

import io.millio.EventLoop;
import io.millio.LoopError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the hosts of a network share: its time, its randomness, its links and what happened.
 *
 * <p>In a seeded network one thread runs at a time, so nothing needs a lock; in a live one this object's monitor guards
 * the state of all sockets and pollers. The sockets take it in both; {@link #point} comes before it, never inside.
 */
final class SimWorld {
    final @Nullable SimScheduler scheduler; // null: live
    final SimRandom random;
    final SimTrace trace = new SimTrace();
    final SimFaults faults = new SimFaults();
    final Map<String, SimHost> hosts = new LinkedHashMap<>();
    final List<LoopError> errors = new ArrayList<>();
    private @Nullable Throwable failure;
    final Link links = new Link();
    boolean hangUps = true;
    boolean errorsAllowed;
    long connectTimeoutNanos = 127_000_000_000L;

    private final Map<InetAddress, SimHost> byAddress = new HashMap<>();
    private final Map<Way, Link> ways = new HashMap<>();
    private final Set<Way> cut = new HashSet<>();
    private final List<Held> held = new ArrayList<>();

    private record Way(SimHost from, SimHost to) {}

    private record Held(SimHost from, SimHost to, Runnable arrival) {}

    SimWorld(@Nullable SimScheduler scheduler, SimRandom random) {
        this.scheduler = scheduler;
        this.random = random;
    }

    /** Whether a strand never gave way, so that nothing goes on any more. */
    boolean isStuck() {
        return scheduler != null && scheduler.isStuck();
    }

    boolean isLive() {
        return scheduler == null;
    }

    long nowNanos() {
        return scheduler == null ? System.nanoTime() : scheduler.nowNanos();
    }

    void point() {
        if (scheduler != null) {
            scheduler.point();
        }
    }

    /** Whether a fault happens that has a probability. Guarded, and so is the next one. */
    boolean fault(double probability, String place, String kind) {
        return probability > 0 && random.chance(probability) && fault(place, kind);
    }

    /** Whether a fault happens that was ordered: it does, unless it is left out. */
    boolean fault(String place, String kind) {
        return scheduler == null || faults.happens(scheduler.nowNanos(), place, kind);
    }

    void trace(String place, String event) {
        trace(place, event, 0, 0);
    }

    void trace(String place, String event, long a, long b) {
        if (scheduler != null) {
            trace.add(scheduler.nowNanos(), place, event, a, b);
        }
    }

    // ---- failures

    /**
     * The error handler of a loop was called. The failure of a callback ends the drive, unless that is allowed; but a
     * handler may let an {@link IOException} pass, which closes its connection.
     */
    synchronized void error(LoopError error) {
        errors.add(error);
        trace("error", "an error is reported");
        Throwable cause = error.cause();
        if (!(cause instanceof Strand.Abandoned)
                && (cause instanceof Error || !errorsAllowed && !(cause instanceof IOException))) {
            failed(cause);
        }
    }

    /** Something failed that fails the test. */
    void failed(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        if (scheduler != null) {
            scheduler.stopDriving();
        }
    }

    @Nullable
    Throwable takeFailure() {
        Throwable taken = failure;
        failure = null;
        return taken;
    }

    // ---- hosts and links

    void add(SimHost host, InetAddress address) {
        byAddress.put(address, host);
    }

    /** Returns a host, which the first call makes. */
    synchronized SimHost host(String name, SimNetwork network) {
        SimHost known = hosts.get(name);
        if (known != null) {
            return known;
        }
        InetAddress address = address(name, hosts.size() + 1);
        SimHost host = new SimHost(network, this, name, address);
        hosts.put(name, host);
        add(host, address);
        return host;
    }

    private static InetAddress address(String name, int number) {
        try {
            // Of bytes, so that the name is not looked up.
            return InetAddress.getByAddress(name, new byte[] {10, 0, (byte) (number >> 8), (byte) number});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    SimHost known(String name, String argument) {
        SimHost host = hosts.get(Objects.requireNonNull(name, argument));
        if (host == null) {
            throw new IllegalArgumentException(
                    argument + ": \"" + name + "\" is not a host of this network, which has " + hosts.keySet());
        }
        return host;
    }

    @Nullable
    SimHost at(InetAddress address) {
        return byAddress.get(address);
    }

    Link link(SimHost from, SimHost to) {
        Link own = ways.isEmpty() ? null : ways.get(new Way(from, to));
        return own == null ? links : own;
    }

    void setLink(SimHost from, SimHost to, Link link) {
        ways.put(new Way(from, to), link);
    }

    boolean isCut(SimHost from, SimHost to) {
        return !cut.isEmpty() && cut.contains(new Way(from, to));
    }

    void cut(SimHost from, SimHost to) {
        cut.add(new Way(from, to));
    }

    /** Lets through again, and sends again what was held up. */
    void heal(SimHost from, SimHost to) {
        if (!cut.remove(new Way(from, to))) {
            return;
        }
        sendAgain(each -> each.from == from && each.to == to);
    }

    /** A host is there again: it gets what was sent to it meanwhile, and to what it was before. */
    void restarted(SimHost host) {
        sendAgain(each -> each.to == host);
    }

    private void sendAgain(Predicate<Held> which) {
        for (Held each : List.copyOf(held)) {
            if (which.test(each)) {
                held.remove(each);
                carry(each.from, each.to, 0, each.arrival);
            }
        }
    }

    // ---- carrying

    /** Has something arrive at another host, as a stream does it: late when it is held up, but not lost. */
    void carry(SimHost from, SimHost to, long bytes, Runnable arrival) {
        if (scheduler == null) {
            arrival.run();
            return;
        }
        scheduler.arrival(delayNanos(from, to, bytes), () -> arrive(from, to, arrival));
    }

    private void arrive(SimHost from, SimHost to, Runnable arrival) {
        if (from.vanished || to.vanished) {
            return;
        }
        if (isCut(from, to) || to.crashed) {
            held.add(new Held(from, to, arrival));
        } else {
            arrival.run();
        }
    }

    /** Has something arrive if the way is open when it is to arrive: a datagram, or an attempt to connect. */
    void carryOnce(SimHost from, SimHost to, long bytes, long moreNanos, Runnable arrival) {
        if (scheduler == null) {
            arrival.run();
            return;
        }
        scheduler.arrival(delayNanos(from, to, bytes) + moreNanos, () -> {
            if (!from.vanished && !to.vanished && !to.crashed && !isCut(from, to)) {
                arrival.run();
            }
        });
    }

    private long delayNanos(SimHost from, SimHost to, long bytes) {
        Link link = link(from, to);
        long latency = link.drawLatency(random);
        if (link.bytesPerSecond == 0 || bytes == 0) {
            return latency;
        }
        long now = nowNanos();
        long begin = Math.max(now, from.sendingUntilNanos(to));
        long end = begin + Math.max(1, (long) (bytes * 1e9 / link.bytesPerSecond));
        from.sendingUntil(to, end);
        return end - now + latency;
    }

    // ---- what a test should know

    /** Returns what is still open or at work, as texts. */
    List<String> leftovers() {
        List<String> left = new ArrayList<>();
        for (SimHost host : hosts.values()) {
            if (host.vanished) {
                continue;
            }
            host.sources.forEach(source -> left.add(host.hostName() + ": open: " + source));
            host.disk.files.openFiles().forEach(file -> left.add(host.hostName() + ": open file: " + file));
            for (EventLoop loop : host.loops) {
                if (!loop.isClosed()) {
                    left.add(host.hostName() + ": not closed: loop " + loop);
                }
                if (loop.stats().timers() > 0) {
                    left.add(host.hostName() + ": " + loop.stats().timers() + " timers of loop " + loop);
                }
            }
            if (!host.executors.stream().allMatch(SimExecutor::isIdle)) {
                left.add(host.hostName() + ": a worker that has not finished");
            }
        }
        return left;
    }

    /** A hint, where a loop was made another way than by its host: then nothing drives it. */
    synchronized String undriven() {
        List<String> undriven = new ArrayList<>();
        for (SimHost host : this.hosts.values()) {
            if (host.pollers.stream().anyMatch(SimPoller::neverPolled)) {
                undriven.add(host.hostName());
            }
        }
        return undriven.isEmpty()
                ? ""
                : ". A loop on " + undriven + " was never driven: a test drives it itself, or makes it by SimHost.loop";
    }
}
