package io.millio.net;

import io.millio.EventLoop;
import io.millio.Resolver;
import io.millio.Timer;
import io.millio.internal.Addresses;
import io.millio.internal.BacklogFullException;
import io.millio.internal.LoopFuture;
import io.millio.internal.Persistently;
import io.millio.internal.RunSubject;
import io.millio.transport.Interest;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * An attempt of a client to connect, and the future of its caller. Loop thread only, unless a method says otherwise.
 */
final class PendingConnect {
    private static final long MIN_RETRY_NANOS = 10_000_000;
    private static final long MAX_RETRY_NANOS = 200_000_000;

    private final StreamConnection connection;
    final SocketAddress remote;
    private final Sockets sockets;
    private final Duration timeout;
    final Result result;
    private @Nullable ConnectRace race;
    private @Nullable Timer timer;

    // Of a connect that found the backlog of a Unix-domain listener full.
    private @Nullable Timer retry;
    private long retryNanos = MIN_RETRY_NANOS;
    private @Nullable BacklogFullException full;

    /** How a client opens its sockets. */
    record Sockets(@Nullable SocketAddress local, SocketSettings settings) {
        TcpStream open(EventLoop loop, SocketAddress remote) throws IOException {
            return loop.openStream(remote, local, settings);
        }
    }

    PendingConnect(StreamConnection connection, SocketAddress remote, Sockets sockets, Duration timeout) {
        this.connection = connection;
        this.remote = remote;
        this.sockets = sockets;
        this.timeout = timeout;
        this.result = new Result();
    }

    /** Completed in the loop; ends the attempt when its caller cancels it. */
    final class Result extends LoopFuture<Connection> {
        Result() {
            super(connection.loop());
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            boolean cancelled = super.cancel(mayInterrupt);
            try {
                connection
                        .loop()
                        .execute(RunSubject.task(
                                connection, () -> abandon(new RejectedExecutionException("cancelled"))));
            } catch (RejectedExecutionException e) {
                // closed, and so is the attempt
            }
            return cancelled;
        }
    }

    /** Begins in the loop. Any thread. */
    void start(Resolver resolver) {
        try {
            connection.loop().execute(RunSubject.task(connection, () -> begin(resolver)));
        } catch (RejectedExecutionException | Error e) {
            connection.connecting = this;
            connection.group.refuse(connection, e);
        }
    }

    private void begin(Resolver resolver) {
        connection.connecting = this;
        try {
            if (result.isDone()) {
                throw new RejectedExecutionException("cancelled");
            }
            if (remote instanceof InetSocketAddress inet && inet.isUnresolved()) {
                race = ConnectRace.start(connection.loop(), connection, resolver, inet, sockets, timeout);
                CompletableFuture<?> unused = race.result.whenComplete(this::raceOver);
            } else if (connect()) {
                timer = connection
                        .loop()
                        .schedule(
                                timeout,
                                RunSubject.task(connection, this::timedOut),
                                () -> abandon(new RejectedExecutionException("the loop is closed")));
            }
        } catch (Throwable t) { // an Error too: a look-up may find that no thread can be made
            connection.group.refuse(connection, t);
        }
    }

    /** Returns whether the attempt goes on: by a socket that connects, or by another try. */
    private boolean connect() throws IOException {
        TcpStream stream;
        try {
            stream = sockets.open(connection.loop(), remote);
        } catch (BacklogFullException e) {
            full = e;
            Runnable again = RunSubject.task(connection, this::connectAgain);
            retry = NetLoop.start(retry, connection.loop(), retryNanos, again);
            retryNanos = Math.min(2 * retryNanos, MAX_RETRY_NANOS);
            return true;
        }
        return connection.group.register(connection, stream, Interest.WRITABLE);
    }

    private void connectAgain() {
        try {
            connect();
        } catch (Throwable t) {
            abandon(t);
        }
    }

    private void timedOut() {
        SocketTimeoutException failure =
                new SocketTimeoutException("connecting to " + Addresses.text(remote) + ": nothing within " + timeout);
        if (full != null) {
            failure.initCause(full);
        }
        abandon(failure);
    }

    /** In the loop, or where that is closed. */
    private void raceOver(@Nullable TcpStream winner, @Nullable Throwable why) {
        if (winner != null) {
            connection.group.adopt(connection, winner);
        } else {
            connection.group.refuse(connection, Objects.requireNonNull(why));
        }
    }

    /** The socket has an event. */
    void ready() {
        try {
            if (connection.stream().finishConnect()) {
                checkOther(connection.stream());
                connection.group.connected(connection);
            }
        } catch (IOException e) {
            abandon(e);
        }
    }

    /** Ends the attempt, if it goes on. */
    void abandon(Throwable why) {
        if (connection.connecting == this) {
            if (race != null) {
                race.fail(why); // which refuses the connection, unless there is a socket already
            } else if (connection.registration == null) {
                connection.group.refuse(connection, why);
                return;
            }
            connection.end(CloseCause.FAILED, why);
        }
    }

    /**
     * Refuses a stream that has connected to itself, as TCP allows where the system has chosen the port that it
     * connects to for its own end, and nothing listens there (RFC 9293, simultaneous open).
     */
    static void checkOther(TcpStream connected) throws ConnectException {
        SocketAddress remote = connected.remoteAddress();
        if (remote instanceof InetSocketAddress && remote.equals(connected.localAddress())) {
            throw new ConnectException("connected to itself: nothing listens on " + Addresses.text(remote));
        }
    }

    /** False if the caller has cancelled. */
    boolean succeed() {
        stopTimer();
        return result.complete(connection);
    }

    void fail(Throwable why) {
        stopTimer();
        Persistently.fail(result, why);
    }

    void stopTimer() {
        NetLoop.cancel(timer);
        NetLoop.cancel(retry);
    }
}
