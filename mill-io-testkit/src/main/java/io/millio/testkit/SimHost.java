package io.millio.testkit;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.internal.Arguments;
import io.millio.transport.Capability;
import io.millio.transport.Poller;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One machine of a {@link SimNetwork}: a transport with an address of its own, loops, and faults that befall a whole
 * machine.
 *
 * <p>As a transport it is for the threads of the simulation; everything else is for the thread that drives the network.
 */
public final class SimHost implements Transport {
    static final long POLL_TIMEOUT_NANOS = Long.MAX_VALUE / 4;

    private final SimNetwork network;
    final SimWorld world;
    final SimPorts ports;
    final SimStreams streams;
    final SimDatagramPorts datagrams;
    final SimClock clock = new SimClock();
    private final SimLoops makers;
    final SimDisk disk;
    private final String name;
    private final InetAddress address;

    // Guarded by the world, from here on.
    final Set<SimSource> sources = new LinkedHashSet<>();
    final Set<SimPoller> pollers = new LinkedHashSet<>();
    final List<EventLoop> loops = new ArrayList<>();
    final List<SimExecutor> executors = new ArrayList<>();
    private final Map<SimHost, Long> sendingUntil = new HashMap<>(); // looked up only, never gone through

    long pausedUntilNanos;
    boolean vanished;
    boolean crashed;
    private int acceptsToFail;
    int descriptors;
    private int maxDescriptors = Integer.MAX_VALUE;
    double spuriousWakeUps;
    double interruptedPolls;

    SimHost(SimNetwork network, SimWorld world, String name, InetAddress address) {
        this.network = network;
        this.world = world;
        this.name = name;
        this.address = address;
        ports = new SimPorts(this);
        streams = new SimStreams(this);
        datagrams = new SimDatagramPorts(this);
        makers = new SimLoops(this, network.resolver());
        disk = new SimDisk(this);
    }

    // ---- loops

    /**
     * Makes a loop on this host, whose handlers run on 4 simulated workers. The network drives it: it is never run or
     * started by the test.
     *
     * @return the loop; the test closes it, or the network does
     */
    public EventLoop loop() {
        return loop(settings -> settings);
    }

    /**
     * Makes a loop on this host, as {@link #loop()} does, with other settings: {@link EventLoopBuilder#direct}, say, or
     * {@link EventLoopBuilder#executor} with an {@link #executor}. Threads of the system's are refused.
     *
     * @param settings changes the settings
     * @return the loop; the test closes it, or the network does
     */
    public EventLoop loop(UnaryOperator<EventLoopBuilder> settings) {
        return makers.loop(settings);
    }

    /**
     * Makes several loops on this host, as {@link #loop()} makes one, for a server or client that runs on a group.
     *
     * @param count at least 1
     */
    public EventLoopGroup group(int count) {
        return group(count, settings -> settings);
    }

    /**
     * Makes several loops on this host with other settings; see {@link #loop(UnaryOperator)} and {@link #group(int)}.
     */
    public EventLoopGroup group(int count, UnaryOperator<EventLoopBuilder> settings) {
        return makers.group(count, settings);
    }

    /**
     * Has the network drive a loop of this host again that returned from its run after {@link EventLoop#stop}.
     *
     * @param loop made by {@link #loop()}
     */
    public void drive(EventLoop loop) {
        if (!loops.contains(loop)) {
            throw new IllegalArgumentException("loop: " + loop + " is not of host " + name);
        }
        makers.drive(loop);
    }

    /**
     * Makes an executor whose tasks run on simulated threads of this host: for dispatch, or to call a loop from
     * elsewhere.
     *
     * @param threads how many at most, at least 1
     * @return the executor; it ends with the network
     */
    public Executor executor(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + ", must be at least 1");
        }
        SimExecutor executor = new SimExecutor(this, seeded(), name + "-worker" + (executors.size() + 1), threads);
        executors.add(executor);
        return executor;
    }

    // ---- scripted peers, files

    /**
     * Connects a scripted peer from this host; drives the network until it is connected.
     *
     * @throws AssertionError if it can't connect
     */
    public ScriptedPeer connect(SocketAddress remote) {
        seeded();
        try {
            return ScriptedPeer.connect(network, (SimStream) openStream(remote));
        } catch (IOException e) {
            throw new AssertionError("can't connect: " + e, e);
        }
    }

    /**
     * Listens on a port of this host; scripted peers accept the connections.
     *
     * @param port 0 for any that is free
     * @throws IOException if the port is in use
     */
    public ScriptedListener listen(int port) throws IOException {
        seeded();
        return new ScriptedListener(network, streams.openListener(address(port), 128, SocketSettings.NONE));
    }

    /** Returns the disk of this host, empty at first; what has been written outlasts a {@link #crash}. */
    public SimDisk disk() {
        seeded();
        return disk;
    }

    SimScheduler seeded() {
        if (world.scheduler == null) {
            throw new IllegalStateException("a live network drives no loops: use the host as a transport");
        }
        return world.scheduler;
    }

    // ---- what can befall it

    /**
     * Stops all loops and workers of this host for a while; what is sent to it arrives meanwhile.
     *
     * @param pause not negative
     */
    public void pause(Duration pause) {
        long nanos = Arguments.nanos(pause, "pause");
        if (!world.fault(name, "a host pauses")) {
            return;
        }
        long now = seeded().nowNanos();
        pausedUntilNanos =
                Math.max(pausedUntilNanos, nanos > SimScheduler.NEVER - 1 - now ? SimScheduler.NEVER : now + nanos);
        world.trace(name, "pauses for %d us", nanos / 1000, 0);
    }

    /**
     * Takes this host off the network and stops it, without a word to its peers: their connections are half-open from
     * now on.
     */
    public void vanish() {
        seeded();
        if (!world.fault(name, "a host vanishes")) {
            return;
        }
        vanished = true;
        pausedUntilNanos = SimScheduler.NEVER;
        world.trace(name, "vanishes");
    }

    /**
     * Has this host lose its power: its loops, workers and sockets are gone at once, without a word to its peers, and
     * no code of it runs any more. What is sent to it is lost, or repeated until {@link #restart}; who sends to one of
     * its old connections then is reset.
     *
     * <p>Loops and executors that were made before are not to be used or closed any more; none of them counts as left
     * behind.
     */
    public void crash() {
        if (!world.fault(name, "a host crashes")) {
            return;
        }
        seeded().freeze(this);
        crashed = true;
        world.trace(name, "crashes");
        sources.forEach(SimSource::die);
        sources.clear();
        pollers.clear();
        loops.clear();
        executors.clear();
        streams.clear();
        datagrams.clear();
        disk.files.forgetOpenFiles();
        ports.clear();
        descriptors = 0;
        pausedUntilNanos = 0;
    }

    /** Ends a {@link #crash}: new loops and sockets can be made, at the same address. Without one it does nothing. */
    public void restart() {
        if (crashed) {
            crashed = false;
            world.trace(name, "restarts");
            world.restarted(this);
        }
    }

    /**
     * Sets the clock of this host forward from now on, beyond those of others: all its timers are due earlier.
     *
     * @param by not negative
     * @return this
     */
    public SimHost clockSkew(Duration by) {
        long nanos = Arguments.nanos(by, "by");
        if (world.fault(name, "a clock is set forward")) {
            clock.moveAhead(seeded().nowNanos(), nanos);
        }
        return this;
    }

    /**
     * Has the clock of this host go too fast or too slow from now on.
     *
     * @param drift by how many seconds in each second; more than -1, so that it goes on, and at most 1
     * @return this
     */
    public SimHost clockDrift(double drift) {
        if (!(drift > -1 && drift <= 1)) {
            throw new IllegalArgumentException("drift: " + drift + ", must be more than -1 and at most 1");
        }
        if (world.fault(name, "a clock drifts")) {
            clock.drift(seeded().nowNanos(), drift);
        }
        return this;
    }

    void timeOut(SimHost other) {
        for (SimSource source : List.copyOf(sources)) {
            SimStream end = source instanceof SimStream stream ? stream.peerOn(other) : null;
            if (end != null) {
                end.timesOut();
                ((SimStream) source).timesOut();
            }
        }
    }

    /** The clock that programs on this host read, which takes time. */
    long readClock() {
        world.point();
        return clock.read(world.nowNanos());
    }

    /**
     * How many sockets this host may have open: above it, to open a stream, listener or datagram socket fails with "Too
     * many open files", and an accept finds the system out of descriptors. No limit, unless set.
     *
     * @param max not negative; what is open already stays open
     * @return this
     */
    public SimHost maxDescriptors(int max) {
        synchronized (world) {
            maxDescriptors = Arguments.atLeast(0, max, "max");
        }
        return this;
    }

    /** Guarded. */
    void checkDescriptors(String what) throws IOException {
        if (descriptors >= maxDescriptors && world.fault(name, "descriptors are exhausted")) {
            throw new IOException("Too many open files: " + what + " on " + this);
        }
    }

    /** Whether an accept fails. Guarded. */
    boolean failsAccept(String listener) {
        boolean fails = acceptsToFail > 0 && acceptsToFail-- > 0 || descriptors >= maxDescriptors;
        return fails && world.fault(listener, "an accept finds no descriptor");
    }

    /**
     * Has accepts find the system out of descriptors, when there is something to accept.
     *
     * @param accepts how many, of all listeners of the host together, not negative
     */
    public void exhaustAccepts(int accepts) {
        synchronized (world) {
            acceptsToFail = Arguments.atLeast(0, accepts, "accepts");
        }
    }

    /**
     * How often a poll that would wait returns without a cause.
     *
     * @param probability from 0 to 1, but for 1, with which no loop would ever sleep
     * @return this
     */
    public SimHost spuriousWakeUps(double probability) {
        spuriousWakeUps = SimChecks.belowOne(probability);
        return this;
    }

    /**
     * How often a poll that would wait is interrupted.
     *
     * @param probability from 0 to 1, but for 1, with which no loop would ever sleep
     * @return this
     */
    public SimHost interruptedPolls(double probability) {
        interruptedPolls = SimChecks.belowOne(probability);
        return this;
    }

    // ---- its addresses

    /** The name in the network, which the trace uses. */
    public String hostName() {
        return name;
    }

    /**
     * Its address in the network; it has the loopback addresses as well.
     *
     * @return resolved, with the host's name
     */
    public InetAddress inetAddress() {
        return address;
    }

    /**
     * An address on this host.
     *
     * @param port from 0 to 65535
     * @return to listen on here, or to connect to from anywhere in the network
     */
    public InetSocketAddress address(int port) {
        return new InetSocketAddress(address, port);
    }

    // ---- the transport

    /** The name of the transport: {@code sim}; that of the host is {@link #hostName}. */
    @Override
    public String name() {
        return "sim";
    }

    @Override
    public Set<Capability> capabilities() {
        return world.hangUps
                ? Set.of(Capability.HANG_UP, Capability.VIRTUAL_THREADS)
                : Set.of(Capability.VIRTUAL_THREADS);
    }

    @Override
    public Object process() {
        return this;
    }

    @Override
    public LongSupplier nanoClock() {
        return this::readClock;
    }

    @Override
    public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        if (eventCapacity < 1) {
            throw new IllegalArgumentException("eventCapacity: " + eventCapacity + ", must be at least 1");
        }
        SimPoller poller = new SimPoller(this, eventCapacity, Objects.requireNonNull(nanoClock, "nanoClock"));
        synchronized (world) {
            pollers.add(poller);
        }
        return poller;
    }

    @Override
    public TcpListener openListener(SocketAddress address, int backlog, SocketSettings settings) throws IOException {
        return streams.openListener(address, backlog, settings);
    }

    @Override
    public TcpStream openStream(SocketAddress remote, @Nullable SocketAddress local, SocketSettings settings)
            throws IOException {
        return streams.openStream(remote, local, settings);
    }

    @Override
    public UdpSocket openUdp(SocketAddress local, SocketSettings settings) throws IOException {
        return datagrams.openUdp(local, settings);
    }

    long sendingUntilNanos(SimHost to) {
        return sendingUntil.getOrDefault(to, 0L);
    }

    void sendingUntil(SimHost to, long nanos) {
        sendingUntil.put(to, nanos);
    }

    @Override
    public String toString() {
        return "host " + name;
    }
}
