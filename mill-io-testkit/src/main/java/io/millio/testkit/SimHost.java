package io.millio.testkit;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.internal.Arguments;
import io.millio.task.ComputePool;
import io.millio.transport.Capability;
import io.millio.transport.Poller;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
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

/**
 * One machine of a {@link SimNetwork}: a transport with an address of its own, loops, and faults that befall a whole
 * machine.
 *
 * <p>As a transport it is for the threads of the simulation; everything else is for the thread that drives the network.
 */
public final class SimHost implements Transport {
    static final long POLL_TIMEOUT_NANOS = Long.MAX_VALUE / 4;

    private static final int WORKERS = 4;

    private final SimNetwork network;
    final SimWorld world;
    final SimPorts ports;
    final SimStreams streams;
    final SimDatagramPorts datagrams;
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
    int acceptsToFail;
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
        EventLoop loop =
                settings.apply(settings(name + "-loop" + (loops.size() + 1))).build();
        begin(loop);
        return loop;
    }

    private void begin(EventLoop loop) {
        loops.add(loop);
        seeded().begin(new Strand(loop.toString(), this), () -> run(loop));
    }

    private EventLoopBuilder settings(String loopName) {
        seeded();
        ComputePool computePool = ComputePool.builder()
                .executor(executor(2))
                .nanoClock(world::readClock)
                .errorHandler((task, failure) -> world.failed(failure))
                .build();
        return EventLoop.builder()
                .transport(this)
                .nanoClock(world::readClock)
                .name(loopName)
                .pollTimeout(Duration.ofNanos(POLL_TIMEOUT_NANOS))
                .executor(executor(WORKERS))
                .computePool(computePool)
                .errorHandler(world::error)
                .resolver(network.resolver())
                .threadFactory(task -> {
                    throw new IllegalStateException("a simulated loop has no threads of the system's");
                });
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
        String groupName = name + "-group" + (loops.size() + 1);
        EventLoopGroup group = settings.apply(settings(groupName)).buildGroup(count);
        group.loops().forEach(this::begin);
        return group;
    }

    private void run(EventLoop loop) {
        try {
            if (!loop.isClosed()) {
                loop.run();
            }
        } catch (Strand.Abandoned e) {
            throw e;
        } catch (RuntimeException | Error e) {
            if (!loop.isClosed()) {
                world.failed(e);
            }
        }
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
        seeded().begin(new Strand(loop.toString(), this), () -> run(loop));
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

    // ---- scripted peers

    /**
     * Connects a scripted peer from this host; drives the network until it is connected.
     *
     * @throws AssertionError if it can't connect
     */
    public ScriptedPeer connect(SocketAddress remote) {
        seeded();
        try {
            return ScriptedPeer.connect(network, (SimStream) streams.openStream(remote));
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
        return new ScriptedListener(network, streams.openListener(address(port), 128));
    }

    private SimScheduler seeded() {
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
        long now = seeded().nowNanos();
        pausedUntilNanos =
                Math.max(pausedUntilNanos, nanos > SimScheduler.NEVER - 1 - now ? SimScheduler.NEVER : now + nanos);
        world.tell(name, "pauses for %d us", nanos / 1000, 0);
    }

    /**
     * Takes this host off the network and stops it, without a word to its peers: their connections are half-open from
     * now on.
     */
    public void vanish() {
        seeded();
        vanished = true;
        pausedUntilNanos = SimScheduler.NEVER;
        world.tell(name, "vanishes");
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
        spuriousWakeUps = belowOne(probability);
        return this;
    }

    /**
     * How often a poll that would wait is interrupted.
     *
     * @param probability from 0 to 1, but for 1, with which no loop would ever sleep
     * @return this
     */
    public SimHost interruptedPolls(double probability) {
        interruptedPolls = belowOne(probability);
        return this;
    }

    private static double belowOne(double probability) {
        if (SimChecks.probability(probability) == 1) {
            throw new IllegalArgumentException("probability: 1.0, must be less than 1");
        }
        return probability;
    }

    // ---- its addresses

    /** Its name in the network, which the trace uses. */
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
    public LongSupplier nanoClock() {
        return world::readClock;
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
    public TcpListener openListener(SocketAddress address, int backlog, Set<SocketOption<Boolean>> switchedOn)
            throws IOException {
        if (!switchedOn.isEmpty()) {
            throw new UnsupportedOperationException("switchedOn: a simulation has none of " + switchedOn);
        }
        return streams.openListener(address, backlog);
    }

    @Override
    public TcpStream openStream(SocketAddress remote) throws IOException {
        return streams.openStream(remote);
    }

    @Override
    public UdpSocket openUdp(SocketAddress local, Set<SocketOption<Boolean>> switchedOn) throws IOException {
        return datagrams.openUdp(local, switchedOn);
    }

    // ---- the rate of its links

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
