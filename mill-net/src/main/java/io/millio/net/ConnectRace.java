package io.millio.net;

import io.millio.Event;
import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.Resolver;
import io.millio.Timer;
import io.millio.TurnHandler;
import io.millio.internal.Exceptions;
import io.millio.internal.RunSubject;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the addresses of a name in turn, the families alternating: the next attempt starts when the one before
 * has failed or has not been answered for 250 ms, and the first to connect is taken (RFC 8305, "Happy Eyeballs"). All
 * state belongs to the loop's turn.
 */
final class ConnectRace {
    private static final long ATTEMPT_DELAY_NANOS = 250_000_000; // RFC 8305, section 5

    private final EventLoop loop;
    private final Object subject;
    private final String name;
    private final int port;
    private final PendingConnect.Sockets sockets;

    /**
     * The connected stream, which is registered nowhere and the caller's to close; or an
     * {@link java.net.UnknownHostException}, a {@link SocketTimeoutException}, the failure of the last address with
     * those of the others suppressed, or what {@link #fail} was called with. Completed in the turn.
     */
    final CompletableFuture<TcpStream> result = new CompletableFuture<>();

    private final Queue<InetAddress> untried = new ArrayDeque<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final CompletableFuture<List<InetAddress>> addresses;
    private final Timer deadline;
    private @Nullable Timer nextAttempt;
    private boolean over;

    private ConnectRace(
            EventLoop loop,
            Object subject,
            CompletableFuture<List<InetAddress>> addresses,
            InetSocketAddress to,
            PendingConnect.Sockets sockets,
            Duration timeout) {
        this.loop = loop;
        this.subject = subject;
        this.addresses = addresses;
        this.name = to.getHostString() + ":" + to.getPort();
        this.port = to.getPort();
        this.sockets = sockets;
        this.deadline = loop.schedule(
                timeout,
                RunSubject.task(
                        subject,
                        () -> fail(
                                new SocketTimeoutException("connecting to " + name + ": nothing within " + timeout))),
                () -> fail(new RejectedExecutionException("the loop is closed")));
    }

    /**
     * Starts the look-up and the attempts. Loop thread only.
     *
     * @param subject what the stream is for
     * @param to a name and a port
     * @param timeout of the look-up and all attempts together
     * @throws RejectedExecutionException if the loop or the resolver is closed
     */
    static ConnectRace start(
            EventLoop loop,
            Object subject,
            Resolver resolver,
            InetSocketAddress to,
            PendingConnect.Sockets sockets,
            Duration timeout) {
        CompletableFuture<List<InetAddress>> addresses = resolver.resolve(to.getHostString());
        ConnectRace race = new ConnectRace(loop, subject, addresses, to, sockets, timeout);
        CompletableFuture<?> unused = addresses.whenComplete(race::resolvedAnywhere);
        return race;
    }

    private void resolvedAnywhere(@Nullable List<InetAddress> addresses, @Nullable Throwable failure) {
        if (loop.inLoop()) {
            resolved(addresses, failure);
            return;
        }
        try {
            loop.execute(RunSubject.task(subject, () -> resolved(addresses, failure)));
        } catch (RejectedExecutionException e) {
            // the loop is closed, and has failed the race by its timer
        }
    }

    private void resolved(@Nullable List<InetAddress> addresses, @Nullable Throwable failure) {
        if (over) {
            return;
        }
        if (addresses == null || addresses.isEmpty()) {
            fail(failure == null ? new IOException("no addresses for " + name) : Exceptions.unwrapped(failure));
            return;
        }
        untried.addAll(interleaved(addresses));
        tryNext();
    }

    /** Returns the addresses in their order, the families alternating, that of the first one first (section 4). */
    private static List<InetAddress> interleaved(List<InetAddress> addresses) {
        Class<?> first = addresses.get(0).getClass();
        Queue<InetAddress> ofFirst = new ArrayDeque<>();
        Queue<InetAddress> ofOther = new ArrayDeque<>();
        for (InetAddress address : addresses) {
            (address.getClass() == first ? ofFirst : ofOther).add(address);
        }
        List<InetAddress> mixed = new ArrayList<>(addresses.size());
        while (!ofFirst.isEmpty() || !ofOther.isEmpty()) {
            Stream.of(ofFirst, ofOther)
                    .map(Queue::poll)
                    .filter(Objects::nonNull)
                    .forEach(mixed::add);
        }
        return mixed;
    }

    private void tryNext() {
        cancel(nextAttempt);
        while (!over) {
            InetAddress address = untried.poll();
            if (address == null) {
                if (attempts.isEmpty()) {
                    fail(failures.remove(failures.size() - 1));
                }
                return;
            }
            try {
                new Attempt().start(address);
                break;
            } catch (IOException | RuntimeException e) {
                failures.add(e);
            }
        }
        if (!over && !untried.isEmpty()) {
            nextAttempt = loop.scheduleNanos(ATTEMPT_DELAY_NANOS, RunSubject.task(subject, this::tryNext));
        }
    }

    /** Ends the attempts and fails the result, unless there is one already. */
    void fail(Throwable cause) {
        if (!over) {
            failures.stream().filter(other -> other != cause).forEach(cause::addSuppressed);
            end();
            result.completeExceptionally(cause);
        }
    }

    private void end() {
        over = true;
        untried.clear();
        addresses.cancel(false); // a look-up that has not begun is not needed any more
        deadline.cancel();
        cancel(nextAttempt);
        while (!attempts.isEmpty()) {
            attempts.remove(attempts.size() - 1).abandon();
        }
    }

    private static void cancel(@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    private static void close(TcpStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            // no caller has the stream, so there is nothing to report the failure to
        }
    }

    /** An attempt at one address. */
    private final class Attempt implements TurnHandler, RunSubject {
        private @Nullable Registration registration;
        private boolean done;

        void start(InetAddress address) throws IOException {
            TcpStream stream = sockets.open(loop, new InetSocketAddress(address, port));
            try {
                attempts.add(this);
                registration = loop.register(stream, Interest.WRITABLE, this);
            } finally {
                if (registration == null) {
                    attempts.remove(this);
                    close(stream);
                }
            }
        }

        @Override
        public Object runSubject() {
            return subject;
        }

        void abandon() {
            if (registration != null) {
                registration.close();
            }
        }

        @Override
        public void handle(Event event) {
            if (done || !(event.source() instanceof TcpStream stream)) {
                return;
            }
            try {
                if (!stream.finishConnect()) {
                    return;
                }
                PendingConnect.checkOther(stream);
                event.registration().deregister();
            } catch (ClosedChannelException | IllegalStateException e) {
                return; // abandoned by this same turn; onClose follows
            } catch (IOException e) {
                done = true;
                event.registration().close();
                lost(e);
                return;
            }
            done = true;
            attempts.remove(this);
            if (over) {
                close(stream);
            } else {
                end();
                result.complete(stream);
            }
        }

        @Override
        public void onClose(Registration ended, @Nullable Throwable cause) {
            if (!done) {
                done = true;
                lost(cause != null ? cause : new IOException("closed while connecting to " + name));
            }
        }

        private void lost(Throwable cause) {
            if (attempts.remove(this) && !over) {
                failures.add(cause);
                tryNext();
            }
        }
    }
}
