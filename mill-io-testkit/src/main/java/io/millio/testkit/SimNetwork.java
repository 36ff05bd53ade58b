package io.millio.testkit;

import io.millio.EventLoop;
import io.millio.LoopError;
import io.millio.Resolver;
import io.millio.internal.Arguments;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A network that can be rewound: hosts, the links between them, loops and workers, all in memory and in a time of its
 * own, and all of it decided by one number, the seed. The same seed gives the same run, byte for byte, on every Java.
 *
 * <pre>{@code
 * try (SimNetwork network = SimNetwork.seeded(42)) {
 *     network.links().latency(Duration.ofMillis(1), Duration.ofMillis(20)).shortWrites(0.3);
 *     EventLoop server = network.host("server").loop();
 *     EventLoop client = network.host("client").loop();
 *     ...
 *     network.runUntil("the answer has come", () -> answered);
 * }
 * }</pre>
 *
 * <p>Nothing goes on by itself: the test drives everything with {@link #run}, {@link #runFor} and {@link #runUntil}. In
 * between it may call loops and sockets like a program's other threads. One thread of the simulation runs at a time;
 * which, and where it gives way to another, is drawn. So a handler that blocks, on a lock or otherwise, blocks
 * everything, and is reported as an error.
 *
 * <p>For the thread that made it, but for {@link #live} ones.
 */
public final class SimNetwork implements AutoCloseable {
    private final SimWorld world;
    private final SimRandom draws;
    private final long seed;
    private final SimDriver driver;

    private SimNetwork(SimWorld world, long seed) {
        this.world = world;
        this.seed = seed;
        this.driver = new SimDriver(world, seed);
        this.draws = new SimRandom(~seed);
    }

    /**
     * Makes a network without hosts.
     *
     * @param seed decides everything that is left open
     * @return to be closed by the caller
     */
    public static SimNetwork seeded(long seed) {
        SimRandom random = new SimRandom(seed);
        SimWorld world = new SimWorld(new SimScheduler(random), random);
        return new SimNetwork(world, seed);
    }

    /**
     * Makes a network in real time, for loops that have threads of their own: its hosts are transports like any other,
     * everything arrives at once, and nothing goes wrong unless it is ordered. Every thread may use it.
     *
     * @return to be closed by the caller
     */
    public static SimNetwork live() {
        return new SimNetwork(new SimWorld(null, new SimRandom(0)), 0);
    }

    // ---- what it consists of

    /**
     * A host; the first call with a name makes it, with the address 10.0.0.1, 10.0.0.2 and so on.
     *
     * @param name not empty
     * @return always the same for a name
     */
    public SimHost host(String name) {
        if (Objects.requireNonNull(name, "name").isBlank()) {
            throw new IllegalArgumentException("name: \"" + name + "\", must not be blank");
        }
        return world.host(name, this);
    }

    /** All links that have not been set apart by {@link #link} or {@link #way}. */
    public Link links() {
        return world.links;
    }

    /**
     * The link between two hosts, in both directions, set apart from the others; it begins as they are now.
     *
     * @param one the name of a host
     * @param other the name of a host
     * @return the link
     * @throws IllegalArgumentException if there is no such host
     */
    public Link link(String one, String other) {
        Link link = way(one, other);
        world.setLink(world.known(other, "other"), world.known(one, "one"), link);
        return link;
    }

    /**
     * The way from one host to another, set apart from all others, also from the way back.
     *
     * @param from the name of a host
     * @param to the name of a host
     * @return the link
     * @throws IllegalArgumentException if there is no such host
     */
    public Link way(String from, String to) {
        SimHost sender = world.known(from, "from");
        SimHost receiver = world.known(to, "to");
        Link link = new Link(world.link(sender, receiver));
        world.setLink(sender, receiver, link);
        return link;
    }

    /**
     * Looks up the names of this network's hosts, {@code localhost} and literal addresses. The loops of its hosts have
     * it, so that {@code client.connect("server", 80, handler)} needs no address.
     *
     * @return completes at once, with an {@link UnknownHostException} for any other name
     */
    public Resolver resolver() {
        return new SimNames(world);
    }

    // ---- what befalls it

    /**
     * Cuts two hosts off from each other: datagrams and attempts to connect are lost, streams are held up until
     * {@link #heal}.
     *
     * @param one the name of a host
     * @param other the name of a host
     * @throws IllegalArgumentException if there is no such host
     */
    public void partition(String one, String other) {
        SimHost first = world.known(one, "one");
        SimHost second = world.known(other, "other");
        if (world.fault(one + " - " + other, "a partition")) {
            world.cut(first, second);
            world.cut(second, first);
            world.trace(one + " - " + other, "partition");
        }
    }

    /**
     * Cuts only the way from one host to another; {@link #heal} undoes it.
     *
     * @param from the name of a host
     * @param to the name of a host
     * @throws IllegalArgumentException if there is no such host
     */
    public void partitionWay(String from, String to) {
        SimHost sender = world.known(from, "from");
        SimHost receiver = world.known(to, "to");
        if (world.fault(from + " > " + to, "a partition of one way")) {
            world.cut(sender, receiver);
            world.trace(from + " > " + to, "partition");
        }
    }

    /**
     * Ends the streams between two hosts at both ends with "Connection timed out", as systems do when retransmissions
     * or keep-alive have not been answered for long.
     *
     * @param one the name of a host
     * @param other the name of a host
     * @throws IllegalArgumentException if there is no such host
     */
    public void timeOut(String one, String other) {
        SimHost first = world.known(one, "one");
        SimHost second = world.known(other, "other");
        if (world.fault(one + " - " + other, "streams time out")) {
            first.timeOut(second);
        }
    }

    /**
     * Undoes a {@link #partition} or {@link #partitionWay}; what streams had sent arrives.
     *
     * @param one the name of a host
     * @param other the name of a host
     * @throws IllegalArgumentException if there is no such host
     */
    public void heal(String one, String other) {
        SimHost first = world.known(one, "one");
        SimHost second = world.known(other, "other");
        world.trace(one + " - " + other, "heal");
        world.heal(first, second);
        world.heal(second, first);
    }

    /**
     * Moves all clocks forward, as if the machines had slept.
     *
     * @param by not negative
     */
    public void jump(Duration by) {
        long nanos = Arguments.nanos(by, "by");
        if (!world.fault("all", "the clock jumps")) {
            return;
        }
        world.trace("all", "the clock jumps by %d us", nanos / 1000, 0);
        scheduler().jump(nanos);
    }

    /**
     * How long an attempt to connect is made until it times out. 127 s, unless set.
     *
     * @param timeout not negative
     * @return this
     */
    public SimNetwork connectTimeout(Duration timeout) {
        world.connectTimeoutNanos = Arguments.nanos(timeout, "timeout");
        return this;
    }

    /**
     * Sets whether the transports report errors and hang-ups as such, as epoll does, or only as readable, as
     * {@code java.nio} does. Default: true. To be called before anything is opened.
     *
     * @param reported whether they do
     * @return this
     */
    public SimNetwork hangUps(boolean reported) {
        world.hangUps = reported;
        return this;
    }

    /**
     * How often a thread that is under way gives way to another, at each call of a socket, a poller or the clock;
     * 0.125, unless set. With 0 each handler runs through: for programs whose handlers hold locks during such calls.
     *
     * @param probability from 0 to 1
     * @return this
     */
    public SimNetwork preemption(double probability) {
        scheduler().preemption = SimChecks.probability(probability);
        return this;
    }

    // ---- driving

    private SimScheduler scheduler() {
        if (world.scheduler == null) {
            throw new IllegalStateException("a live network goes by itself, in real time");
        }
        return world.scheduler;
    }

    /**
     * Orders something to happen on the driving thread.
     *
     * @param delay from now, not negative
     * @param action called by {@link #run} and its like; what it throws, they throw
     */
    public void after(Duration delay, Runnable action) {
        scheduler().order(Arguments.nanos(delay, "delay"), Objects.requireNonNull(action, "action"));
    }

    /**
     * Lets everything go on until nothing is left to do. A repeating timer is never done: use {@link #runFor} then.
     *
     * @throws AssertionError if it does not come to an end, or a handler throws an error
     */
    public void run() {
        scheduler();
        driver.drive(SimScheduler.NEVER, () -> false);
    }

    /**
     * Lets everything go on for so long.
     *
     * @param time simulated time, not negative
     * @throws AssertionError if it does not get so far, or a handler throws an error
     */
    public void runFor(Duration time) {
        long nanos = Arguments.nanos(time, "time");
        long now = scheduler().nowNanos();
        driver.drive(nanos > SimScheduler.NEVER - 1 - now ? SimScheduler.NEVER - 1 : now + nanos, () -> false);
    }

    /**
     * Lets everything go on until a condition holds. It is asked after each step, on whatever thread.
     *
     * @param what for the failure's message: "the answer has come"
     * @param condition must not change anything
     * @throws AssertionError if nothing is left to do before it holds, or a handler throws an error
     */
    public void runUntil(String what, BooleanSupplier condition) {
        Objects.requireNonNull(what, "what");
        scheduler();
        driver.driveUntil(what, Objects.requireNonNull(condition, "condition"));
    }

    /**
     * How many steps {@link #run} and its like may take, each a thread's that goes on, until they fail because
     * something is never done. 5,000,000, unless set.
     *
     * @param steps at least 1
     * @return this
     */
    public SimNetwork stepLimit(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("steps: " + steps + ", must be at least 1");
        }
        scheduler().mostSteps = steps;
        return this;
    }

    /** The simulated time since the network was made. */
    public Duration now() {
        return Duration.ofNanos(scheduler().nowNanos());
    }

    /** What this network was made with. */
    public long seed() {
        return seed;
    }

    /**
     * A number that the seed decides, for the test's own choices.
     *
     * @param bound at least 1
     * @return from 0 to the bound, without it
     */
    public int draw(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound: " + bound + ", must be at least 1");
        }
        return draws.below(bound);
    }

    // ---- what happened

    /**
     * What happened, a line for each thing: the simulated time in seconds, where, and what. The last 10,000 lines,
     * unless set by {@link #keepTrace}.
     *
     * @return lines that each end in a line feed
     */
    public String trace() {
        return world.trace.text(Integer.MAX_VALUE);
    }

    /**
     * The last lines of the {@link #trace()}.
     *
     * @param lines how many at most
     * @return lines that each end in a line feed
     */
    public String trace(int lines) {
        return world.trace.text(Arguments.atLeast(0, lines, "lines"));
    }

    /** A number that stands for everything that ever happened, also for what the trace has forgotten. */
    public long traceHash() {
        return world.trace.hash();
    }

    /**
     * How many lines of the trace are kept; before anything has happened.
     *
     * @param lines at least 1
     * @return this
     */
    public SimNetwork keepTrace(int lines) {
        if (lines < 1) {
            throw new IllegalArgumentException("lines: " + lines + ", must be at least 1");
        }
        world.trace.keep(lines);
        return this;
    }

    /** Writes a line of the test's own into the trace. */
    public void note(String what) {
        world.trace("note", Objects.requireNonNull(what, "what").replace("%", "%%"));
    }

    /**
     * Allows callbacks to throw: what they throw is among the {@link #errors}. Without this call an exception that a
     * callback of a program throws, other than an {@link java.io.IOException}, fails {@link #run} and its like; an
     * {@link Error}, such as a failed assertion, does in any case.
     *
     * @return this
     */
    public SimNetwork allowErrors() {
        world.errorsAllowed = true;
        return this;
    }

    /** The failures that were reported to the error handlers of the loops, oldest first. */
    public List<LoopError> errors() {
        synchronized (world) {
            return List.copyOf(world.errors);
        }
    }

    SimWorld world() {
        return world;
    }

    /** Fails what drives the network, now or later, until null. Any thread. */
    void expire(@Nullable String why) {
        scheduler().expired = why;
    }

    /**
     * Checks that everything was given back: no source is open, no loop is open, no timer waits, no worker is at work.
     *
     * @throws AssertionError if something was left, and it says what
     */
    public void assertNothingLeaked() {
        List<String> left = world.leftovers();
        if (!left.isEmpty()) {
            throw new AssertionError("left behind: " + left + driver.report());
        }
    }

    /** Closes all loops and abandons running threads. Sockets that are still open are dropped. */
    @Override
    public void close() {
        if (world.scheduler == null || world.scheduler.isStuck()) {
            return;
        }
        for (SimHost host : world.hosts.values()) {
            host.pausedUntilNanos = 0;
        }
        try {
            for (SimHost host : world.hosts.values()) {
                host.loops.forEach(EventLoop::close);
            }
        } finally {
            world.scheduler.abandonAll();
        }
    }

    @Override
    public String toString() {
        return world.isLive() ? "live network" : "network of seed " + seed;
    }
}
