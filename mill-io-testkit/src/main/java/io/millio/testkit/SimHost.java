package io.millio.testkit;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.task.ComputePool;
import io.millio.transport.Capability;
import io.millio.transport.Poller;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
 * One machine of a {@link SimNetwork}: a transport with an address of its own, loops, and faults that befall a whole machine.
 *
 * <p>As a transport it is for the threads of the simulation; everything else is for the thread that drives the network.
 */
public final class SimHost implements Transport {
    static final long POLL_TIMEOUT_NANOS = Long.MAX_VALUE / 4;

    private static final int FIRST_PORT = 49_152;
    private static final int WORKERS = 4;
    private static final int UNIX_PATH_BYTES = 107;

    final SimWorld world;
    private final String name;
    private final InetAddress address;

    // Guarded by the world, from here on.
    final Set<SimSource> sources = new LinkedHashSet<>();
    final Set<SimPoller> pollers = new LinkedHashSet<>();
    final List<EventLoop> loops = new ArrayList<>();
    final List<SimExecutor> executors = new ArrayList<>();
    private final Set<InetAddress> aliases = new HashSet<>();
    private final List<SimListener> listeners = new ArrayList<>();
    private final List<SimDatagrams> datagrams = new ArrayList<>();
    private final Map<UnixDomainSocketAddress, SimListener> files = new LinkedHashMap<>();
    private final Set<Integer> ports = new HashSet<>();
    private final Map<SimHost, Long> sendingUntil = new HashMap<>(); // looked up only, never gone through
    private int nextPort = FIRST_PORT;

    long pausedUntilNanos;
    boolean vanished;
    int acceptsToFail;
    double spuriousWakeUps;
    double interruptedPolls;

    SimHost(SimWorld world, String name, InetAddress address) {
        this.world = world;
        this.name = name;
        this.address = address;
    }

    // ---- loops

    /**
     * Makes a loop on this host, whose handlers run on 4 simulated workers. The network drives it: it is never run or started by
     * the test.
     *
     * @return the loop; the test closes it, or the network does
     */
    public EventLoop loop() {
        return loop(settings -> settings);
    }

    /**
     * Makes a loop on this host, as {@link #loop()} does, with other settings: {@link EventLoopBuilder#direct}, say, or {@link
     * EventLoopBuilder#executor} with an {@link #executor}. Threads of the system's are refused.
     *
     * @param settings changes the settings
     * @return the loop; the test closes it, or the network does
     */
    public EventLoop loop(UnaryOperator<EventLoopBuilder> settings) {
        SimScheduler scheduler = seeded();
        String loopName = name + "-loop" + (loops.size() + 1);
        ComputePool computePool = ComputePool.builder()
                .executor(executor(2))
                .nanoClock(world::readClock)
                .errorHandler((task, failure) -> world.failed(failure))
                .build();
        EventLoopBuilder builder = EventLoop.builder()
                .transport(this)
                .nanoClock(world::readClock)
                .name(loopName)
                .pollTimeout(Duration.ofNanos(POLL_TIMEOUT_NANOS))
                .executor(executor(WORKERS))
                .computePool(computePool)
                .errorHandler(world::error)
                .threadFactory(task -> {
                    throw new IllegalStateException("a simulated loop has no threads of the system's");
                });
        EventLoop loop = settings.apply(builder).build();
        loops.add(loop);
        scheduler.begin(new Strand(loopName, this), () -> run(loop));
        return loop;
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
     * Makes an executor whose tasks run on simulated threads of this host: for dispatch, or to call a loop from elsewhere.
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
        long nanos = SimChecks.nanos(pause, "pause");
        long now = seeded().nowNanos();
        pausedUntilNanos =
                Math.max(pausedUntilNanos, nanos > SimScheduler.NEVER - 1 - now ? SimScheduler.NEVER : now + nanos);
        world.tell(name, "pauses for %d us", nanos / 1000, 0);
    }

    /** Takes this host off the network and stops it, without a word to its peers: their connections are half-open from now on. */
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
            acceptsToFail = SimChecks.notNegative(accepts, "accepts");
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

    /** Gives it one more address. */
    void alias(InetAddress alias) {
        aliases.add(alias);
        world.add(this, alias);
    }

    String label(SocketAddress of) {
        if (!(of instanceof InetSocketAddress inet)) {
            return name + ":" + of;
        }
        SimHost host = isHere(inet.getAddress()) ? this : world.at(inet.getAddress());
        return host == null ? SimSource.text(of) : host.name + ":" + inet.getPort();
    }

    private boolean isHere(InetAddress where) {
        return where.isLoopbackAddress()
                || where.isAnyLocalAddress()
                || where.equals(address)
                || aliases.contains(where);
    }

    private @Nullable SimHost route(InetAddress to) {
        return isHere(to) ? this : world.at(to);
    }

    private InetAddress addressTowards(InetAddress to) {
        return to.isLoopbackAddress() ? to : address;
    }

    // ---- ports, guarded

    private int freePort() {
        for (int tries = 0; tries < 65_536 - FIRST_PORT; tries++) {
            int port = nextPort;
            nextPort = port == 65_535 ? FIRST_PORT : port + 1;
            if (!ports.contains(port)) {
                return port;
            }
        }
        throw new IllegalStateException("host " + name + " has no free port");
    }

    void releasePort(int port) {
        ports.remove(port);
    }

    private static boolean overlap(InetSocketAddress one, InetSocketAddress other) {
        return one.getPort() == other.getPort()
                && (one.getAddress().isAnyLocalAddress()
                        || other.getAddress().isAnyLocalAddress()
                        || one.getAddress().equals(other.getAddress()));
    }

    private InetSocketAddress bind(InetSocketAddress at, boolean inUse, String what) throws BindException {
        if (!isHere(at.getAddress())) {
            throw new BindException("Cannot assign requested address: " + what + " " + SimSource.text(at));
        }
        if (inUse) {
            throw new BindException("Address already in use: " + what + " " + SimSource.text(at));
        }
        return at.getPort() == 0 ? new InetSocketAddress(at.getAddress(), freePort()) : at;
    }

    void unbind(SimSource socket) {
        if (socket instanceof SimListener listener) {
            listeners.remove(listener);
            files.values().removeIf(each -> each == listener);
            if (listener.localAddress() instanceof InetSocketAddress inet) {
                releasePort(inet.getPort());
            }
        } else if (socket instanceof SimDatagrams own) {
            datagrams.remove(own);
            releasePort(own.port());
        }
    }

    // ---- the transport

    /** The name of the transport: {@code sim}; that of the host is {@link #hostName}. */
    @Override
    public String name() {
        return "sim";
    }

    @Override
    public Set<Capability> capabilities() {
        return world.hangUps ? Set.of(Capability.HANG_UP) : Set.of();
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
    public TcpListener openListener(SocketAddress at, int backlog) throws IOException {
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog: " + backlog + ", must be at least 1");
        }
        world.point();
        synchronized (world) {
            SocketAddress bound;
            if (at instanceof UnixDomainSocketAddress unix) {
                bound = bindFile(unix);
            } else {
                InetSocketAddress inet = SimSource.resolved(at, "address");
                boolean inUse = listeners.stream()
                        .anyMatch(
                                each -> each.localAddress() instanceof InetSocketAddress other && overlap(inet, other));
                bound = bind(inet, inUse, "listening on");
                ports.add(((InetSocketAddress) bound).getPort());
            }
            SimListener listener = new SimListener(this, bound, backlog);
            listeners.add(listener);
            if (bound instanceof UnixDomainSocketAddress unix) {
                files.put(unix, listener);
            }
            world.tell(listener.label(), "listen");
            return listener;
        }
    }

    private UnixDomainSocketAddress bindFile(UnixDomainSocketAddress unix) throws IOException {
        checkPath(unix);
        if (unix.getPath().toString().isEmpty()) {
            throw new SocketException("No path: listening on a Unix-domain address without a name");
        }
        if (files.containsKey(unix)) {
            throw new BindException("Address already in use: listening on " + unix);
        }
        return unix;
    }

    private static void checkPath(UnixDomainSocketAddress unix) throws SocketException {
        if (unix.getPath().toString().length() > UNIX_PATH_BYTES) {
            throw new SocketException("Unix domain path too long: " + unix);
        }
    }

    @Override
    public TcpStream openStream(SocketAddress remote) throws IOException {
        world.point();
        synchronized (world) {
            if (remote instanceof UnixDomainSocketAddress unix) {
                return connectToFile(unix);
            }
            InetSocketAddress to = SimSource.resolved(remote, "remote");
            int port = freePort();
            ports.add(port);
            InetSocketAddress local = new InetSocketAddress(addressTowards(to.getAddress()), port);
            SimStream stream = SimStream.connecting(this, local, to, port);
            world.tell(stream.label(), "connect");
            connect(stream, to);
            return stream;
        }
    }

    private SimStream connectToFile(UnixDomainSocketAddress unix) throws IOException {
        checkPath(unix);
        SimListener listener = files.get(unix);
        if (listener == null) {
            throw new SocketException("No such file or directory: connecting to " + unix);
        }
        SimStream stream = SimStream.connecting(this, unix, unix, 0);
        world.tell(stream.label(), "connect");
        world.carryOnce(this, this, 0, 0, () -> {
            if (listener.isOpen()) {
                listener.arrives(stream);
            } else {
                refuse(stream);
            }
        });
        return stream;
    }

    private void connect(SimStream stream, InetSocketAddress to) {
        SimHost target = route(to.getAddress());
        if (target == null) {
            world.carryOnce(
                    this,
                    this,
                    0,
                    0,
                    () -> stream.connected(
                            new NoRouteToHostException("No route to host: connecting to " + SimSource.text(to))));
            return;
        }
        if (world.scheduler != null) {
            stream.timeoutIs(world.scheduler.arrival(
                    world.connectTimeoutNanos,
                    () -> stream.connected(
                            new ConnectException("Connection timed out: connecting to " + SimSource.text(to)))));
        }
        Link link = world.link(this, target);
        if (world.chance(link.timeouts)) {
            world.tell(stream.label(), "the network loses the attempt");
            return;
        }
        boolean refused = world.chance(link.refusals);
        world.carryOnce(this, target, 0, 0, () -> {
            SimListener listener = refused ? null : target.listenerAt(to);
            if (listener == null) {
                target.refuse(stream);
            } else {
                listener.arrives(stream);
            }
        });
    }

    private @Nullable SimListener listenerAt(InetSocketAddress to) {
        for (SimListener each : listeners) {
            if (each.localAddress() instanceof InetSocketAddress inet && overlap(inet, to)) {
                return each;
            }
        }
        return null;
    }

    /** Answers an attempt with a refusal. Guarded. */
    void refuse(SimStream stream) {
        world.carryOnce(
                this,
                stream.host,
                0,
                0,
                () -> stream.connected(new ConnectException(
                        "Connection refused: connecting to " + SimSource.text(stream.remoteAddress()))));
    }

    // ---- datagrams

    @Override
    public UdpSocket openUdp(SocketAddress local, Set<SocketOption<Boolean>> switchedOn) throws IOException {
        InetSocketAddress at = SimSource.resolved(local, "local");
        Objects.requireNonNull(switchedOn, "switchedOn");
        world.point();
        synchronized (world) {
            boolean shared = switchedOn.contains(StandardSocketOptions.SO_REUSEADDR);
            boolean inUse = !shared
                    && datagrams.stream().anyMatch(each -> overlap(at, (InetSocketAddress) each.localAddress()));
            InetSocketAddress bound = bind(at, inUse, "opening a datagram socket on");
            SimDatagrams socket = new SimDatagrams(this, bound);
            for (SocketOption<Boolean> option : switchedOn) {
                socket.options.set(option, true);
            }
            ports.add(bound.getPort());
            datagrams.add(socket);
            world.tell(socket.label(), "open");
            return socket;
        }
    }

    /** Sends a datagram of a socket of this host. Guarded. */
    void send(SimDatagrams from, InetSocketAddress to, byte[] bytes) {
        InetSocketAddress sender = from.senderTo(to.getAddress());
        if (to.getAddress().isMulticastAddress()) {
            for (SimHost each : world.hosts.values()) {
                if (each != this || from.loopsBack()) {
                    carry(from, sender, each, to, bytes);
                }
            }
            return;
        }
        SimHost target = route(to.getAddress());
        if (target == null) {
            world.tell(from.label(), "send %d to nowhere", bytes.length, 0);
        } else {
            carry(from, sender, target, to, bytes);
        }
    }

    private void carry(
            SimDatagrams from, InetSocketAddress sender, SimHost target, InetSocketAddress to, byte[] bytes) {
        Link link = world.link(this, target);
        int copies = 1;
        if (world.chance(link.losses)) {
            world.tell(from.label(), "send %d (lost)", bytes.length, 0);
            return;
        }
        if (world.chance(link.duplicates)) {
            copies = 2;
        }
        world.tell(from.label(), copies == 1 ? "send %d" : "send %d (twice)", bytes.length, 0);
        for (int i = 0; i < copies; i++) {
            boolean late = world.chance(link.reorderings);
            long moreNanos = late ? world.random.between(0, 4 * link.latencyMostNanos + 1_000_000) : 0;
            world.carryOnce(this, target, bytes.length, moreNanos, () -> target.arrives(from, sender, to, bytes));
        }
    }

    private void arrives(SimDatagrams from, InetSocketAddress sender, InetSocketAddress to, byte[] bytes) {
        boolean taken = false;
        for (SimDatagrams each : datagrams) {
            if (each.port() == to.getPort() && each.takes(sender, to.getAddress())) {
                each.arrives(sender, bytes);
                taken = true;
                if (!to.getAddress().isMulticastAddress()) {
                    return;
                }
            }
        }
        if (!taken && !to.getAddress().isMulticastAddress()) {
            world.carryOnce(this, from.host, 0, 0, () -> from.unreachable(to));
        }
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
