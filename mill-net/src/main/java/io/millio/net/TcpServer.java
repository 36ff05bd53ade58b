package io.millio.net;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.Timer;
import io.millio.internal.Arguments;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A server over TCP or a Unix-domain socket: it accepts connections and spreads them over its loops, each to the one
 * that has the fewest. Made by a {@linkplain #builder() builder}. Every method is for any thread.
 */
public final class TcpServer implements AutoCloseable {
    /** What the server's own loops have left to do when its connections have gone: hardly anything. */
    private static final Duration OWN_LOOPS_END = Duration.ofSeconds(1);

    private final List<Residents> residents = new ArrayList<>();
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final Supplier<? extends ConnectionHandler> handlers;
    private final boolean listenerForEachLoop;
    private final @Nullable EventLoopGroup ownLoops;
    private final Places places;
    private final Entrance entrance;
    private final AcceptLimits acceptLimits;
    private final AtomicInteger rotation = new AtomicInteger();

    // Once, by compare-and-set.
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Boolean> drained = new CompletableFuture<>();
    private final CompletableFuture<Boolean> ended;

    // Volatile: set when the deadline has come, read when the last connection has gone.
    private volatile boolean cutOff;

    TcpServer(
            List<EventLoop> loops,
            @Nullable EventLoopGroup ownLoops,
            Supplier<? extends ConnectionHandler> handlers,
            ConnectionOptions options,
            Entrance entrance,
            Places places,
            AcceptLimits acceptLimits,
            ByteLimits byteLimits,
            boolean listenerForEachLoop) {
        this.ownLoops = ownLoops;
        this.ended = ownLoops == null
                ? drained
                : drained.thenCompose(clean -> ownLoops.shutdown(OWN_LOOPS_END).thenApply(unused -> clean));
        this.handlers = handlers;
        this.places = places;
        this.entrance = entrance;
        this.acceptLimits = acceptLimits;
        this.listenerForEachLoop = listenerForEachLoop;
        for (EventLoop loop : loops) {
            residents.add(new Residents(NetLoop.of(loop), options, entrance, byteLimits, places, this::left));
        }
    }

    /** Settings to start a server from. */
    public static TcpServerBuilder builder() {
        return new TcpServerBuilder();
    }

    /** Begins to accept; the listeners are this server's from here on. */
    void start(List<TcpListener> listeners) throws IOException {
        for (int i = 0; i < listeners.size(); i++) {
            acceptors.add(new Acceptor(this, listeners.get(i)));
        }
        for (int i = 0; i < acceptors.size(); i++) {
            Acceptor acceptor = acceptors.get(i);
            EventLoop loop = residents.get(i).net.loop;
            acceptor.registered(loop.register(acceptor.listener(), Interest.READABLE, acceptor));
        }
        if (ownLoops != null) {
            ownLoops.start();
        }
    }

    // ---- connections

    Places places() {
        return places;
    }

    AcceptLimits acceptLimits() {
        return acceptLimits;
    }

    boolean isClosing() {
        return closing.get();
    }

    /** Gives a connection that has its places to a loop. In the turn of the loop that accepted it. */
    void handOut(TcpStream peer, EventLoop acceptedBy) {
        Residents to = listenerForEachLoop ? of(acceptedBy) : Residents.least(residents, rotation);
        StreamConnection connection;
        try {
            connection = new StreamConnection(to, handlers.get());
        } catch (Throwable t) {
            closeUnused(peer);
            throw t;
        }
        to.expected();
        if (to.net.loop == acceptedBy) {
            connection.adopt(peer);
            return;
        }
        try {
            to.net.loop.execute(() -> connection.adopt(peer));
        } catch (RejectedExecutionException e) {
            connection.refused(e);
            closeUnused(peer);
        }
    }

    private static void closeUnused(TcpStream peer) {
        try {
            peer.close();
        } catch (IOException e) {
            // nobody has it, and nobody misses it
        }
    }

    private Residents of(EventLoop loop) {
        for (Residents each : residents) {
            if (each.net.loop == loop) {
                return each;
            }
        }
        throw new IllegalStateException("loop: not of this server: " + loop);
    }

    private void left(StreamConnection connection) {
        TcpStream stream = connection.stream;
        if (stream != null && (countsAtAccept() || connection.is(ConnectionState.NAMED))) {
            places.giveBack(connection.remoteAddress());
        }
        placeFreed();
    }

    /** Whether an address takes its place when it is accepted; behind proxies that is when their header has told it. */
    boolean countsAtAccept() {
        return entrance.proxies() == null;
    }

    /** A place has been given back by whoever had it. */
    void placeFreed() {
        int taken = places.giveBack();
        if (closing.get()) {
            if (taken == 0) {
                drained.complete(!cutOff);
            }
            return;
        }
        for (Acceptor acceptor : acceptors) {
            acceptor.resume();
        }
    }

    // ---- the face

    /** Where it listens: the port that was given for a port 0. */
    public SocketAddress localAddress() {
        return acceptors.get(0).listener().localAddress();
    }

    /** How many connections it has now. */
    public int connections() {
        return places.taken();
    }

    /** How often it has stopped accepting for want of a permit of {@link TcpServerBuilder#acceptLimit}. */
    public long acceptsHeldBack() {
        return acceptLimits.held();
    }

    /** How many connections were reset because of {@link TcpServerBuilder#acceptLimitPerAddress}. */
    public long acceptsRefused() {
        return acceptLimits.refused();
    }

    /** What {@link TcpServerBuilder#readLimit} has let through and held back. */
    public LimitStats readLimitStats() {
        return Residents.readStats(residents);
    }

    /** What {@link TcpServerBuilder#writeLimit} has let through and held back. */
    public LimitStats writeLimitStats() {
        return Residents.writeStats(residents);
    }

    /** The loops that its connections are on. */
    public List<EventLoop> loops() {
        return residents.stream().map(each -> each.net.loop).toList();
    }

    /**
     * Drains: accepts no more, tells each connection's handler ({@link ConnectionHandler#onDrain}), waits for them to
     * close, and closes those that are left at the deadline ({@link CloseCause#SERVER_CLOSED}). Loops that the server
     * has made are shut down then. A second call changes nothing. It needs loops that are driven.
     *
     * @param deadline how long it may take
     * @return completed when all have gone: true if they went by themselves, false if the deadline cut some off
     */
    public CompletableFuture<Boolean> close(Duration deadline) {
        long nanos = Arguments.nanos(deadline, "deadline");
        if (!closing.compareAndSet(false, true)) {
            return ended.copy();
        }
        acceptors.forEach(Acceptor::close);
        forEach(Residents::drain);
        try {
            Timer timer = residents.get(0).net.loop.schedule(Duration.ofNanos(nanos), this::cutOff);
            CompletableFuture<?> unused = drained.whenComplete((clean, failure) -> timer.cancel());
        } catch (RejectedExecutionException e) {
            // The loop is closed, and its connections with it.
            cutOff();
        }
        if (places.taken() == 0) {
            drained.complete(true);
        }
        return ended.copy();
    }

    private void cutOff() {
        cutOff = true;
        forEach(Residents::cutOff);
    }

    private void forEach(Consumer<Residents> action) {
        for (Residents each : residents) {
            try {
                each.net.loop.execute(() -> action.accept(each));
            } catch (RejectedExecutionException e) {
                // closed, and its connections with it
            }
        }
    }

    /**
     * Closes now, as {@link #close(Duration)} does with no time left, and waits for nothing. A second call does
     * nothing.
     */
    @Override
    public void close() {
        CompletableFuture<?> unused = close(Duration.ZERO);
        if (ownLoops != null) {
            ownLoops.close();
        }
    }

    @Override
    public String toString() {
        return "server on " + Addresses.text(localAddress());
    }
}
