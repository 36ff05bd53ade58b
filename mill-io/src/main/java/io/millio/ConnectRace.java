package io.millio;

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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Attempts to connect to the addresses of one name, after RFC 8305. All state belongs to the loop's turn: whatever
 * happens elsewhere comes by {@link EventLoop#execute}.
 */
final class ConnectRace {
    private static final Duration ATTEMPT_DELAY = Duration.ofMillis(250); // section 5 of the RFC

    private final EventLoop loop;
    private final String host;
    private final int port;
    private final CompletableFuture<TcpStream> result = new Result();

    private final Queue<InetAddress> untried = new ArrayDeque<>();
    private final Set<Attempt> attempts = new LinkedHashSet<>();
    private final List<Throwable> failures = new ArrayList<>();
    private @Nullable Timer deadline;
    private @Nullable Timer nextAttempt;
    private boolean over;

    ConnectRace(EventLoop loop, String host, int port) {
        this.loop = loop;
        this.host = host;
        this.port = port;
    }

    /** Ends the attempts when its holder cancels it. */
    private final class Result extends CompletableFuture<TcpStream> {
        @Override
        public boolean cancel(boolean mayInterrupt) {
            boolean cancelled = super.cancel(mayInterrupt);
            inLoop(ConnectRace.this::end);
            return cancelled;
        }
    }

    CompletableFuture<TcpStream> start(CompletableFuture<List<InetAddress>> addresses, Duration timeout) {
        Timer timer = loop.schedule(
                timeout,
                () -> fail(new SocketTimeoutException("connecting to " + name() + ": nothing within " + timeout)));
        inLoop(() -> {
            deadline = timer;
            if (over) {
                timer.cancel();
            }
        });
        CompletableFuture<?> unused = addresses.whenComplete(this::resolved);
        return result;
    }

    private void resolved(@Nullable List<InetAddress> addresses, @Nullable Throwable failure) {
        inLoop(() -> {
            if (over) {
                return;
            }
            if (addresses == null) {
                fail(
                        failure instanceof CompletionException wrapped && wrapped.getCause() != null
                                ? wrapped.getCause()
                                : failure == null ? new IOException("no addresses for " + host) : failure);
                return;
            }
            untried.addAll(interleaved(addresses));
            tryNext();
        });
    }

    /** The addresses in their order, but with the families alternating, that of the first one first (section 4). */
    static List<InetAddress> interleaved(List<InetAddress> addresses) {
        Class<?> first = addresses.get(0).getClass();
        Queue<InetAddress> ofFirst = new ArrayDeque<>();
        Queue<InetAddress> ofOther = new ArrayDeque<>();
        for (InetAddress address : addresses) {
            (address.getClass() == first ? ofFirst : ofOther).add(address);
        }
        List<InetAddress> mixed = new ArrayList<>(addresses.size());
        while (!ofFirst.isEmpty() || !ofOther.isEmpty()) {
            Queue<InetAddress> turn = mixed.size() % 2 == 0 ? ofFirst : ofOther;
            InetAddress next = turn.isEmpty() ? (turn == ofFirst ? ofOther : ofFirst).poll() : turn.poll();
            mixed.add(next);
        }
        return mixed;
    }

    private void tryNext() {
        if (over) {
            return;
        }
        if (nextAttempt != null) {
            nextAttempt.cancel();
            nextAttempt = null;
        }
        InetAddress address = untried.poll();
        if (address == null) {
            if (attempts.isEmpty()) {
                failWithAll();
            }
            return;
        }
        Attempt attempt = new Attempt();
        try {
            attempt.begin(address);
        } catch (IOException | RuntimeException e) {
            failures.add(e);
            tryNext();
            return;
        }
        if (!untried.isEmpty()) {
            nextAttempt = loop.schedule(ATTEMPT_DELAY, this::tryNext);
        }
    }

    private void failWithAll() {
        Throwable last = failures.remove(failures.size() - 1);
        fail(last);
    }

    private void fail(Throwable cause) {
        if (over) {
            return;
        }
        failures.forEach(cause::addSuppressed);
        end();
        result.completeExceptionally(cause);
    }

    private void won(Attempt winner, TcpStream stream) {
        attempts.remove(winner);
        boolean inTime = !over;
        end();
        if (!inTime || !result.complete(stream)) {
            close(stream);
        }
    }

    private void lost(Attempt attempt, Throwable cause) {
        if (attempts.remove(attempt) && !over) {
            failures.add(cause);
            tryNext();
        }
    }

    private void end() {
        over = true;
        untried.clear();
        for (Timer timer : new Timer[] {deadline, nextAttempt}) {
            if (timer != null) {
                timer.cancel();
            }
        }
        List.copyOf(attempts).forEach(Attempt::abandon);
        attempts.clear();
    }

    /** Does a step in the loop; false if that is closed, and then the race has failed. */
    private boolean inLoop(Runnable step) {
        if (loop.inLoop()) {
            step.run();
            return true;
        }
        try {
            loop.execute(step);
            return true;
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(e);
            return false;
        }
    }

    private String name() {
        return host + ":" + port;
    }

    private static void close(TcpStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            // Nobody has this connection, and nobody misses it.
        }
    }

    /** One address. Its handler may run on a worker, so it decides nothing itself. */
    private final class Attempt implements EventHandler {
        private @Nullable Registration registration;

        // Written and read by the handler, whose runs are ordered.
        private boolean told;

        void begin(InetAddress address) throws IOException {
            TcpStream opened = loop.openStream(new InetSocketAddress(address, port));
            attempts.add(this);
            try {
                registration = loop.register(opened, Interest.WRITABLE, this);
            } catch (IOException | RuntimeException e) {
                attempts.remove(this);
                close(opened);
                throw e;
            }
        }

        void abandon() {
            if (registration != null) {
                registration.close();
            }
        }

        @Override
        public void handle(Event event) {
            if (told || !(event.source() instanceof TcpStream connecting)) {
                return;
            }
            try {
                if (!connecting.finishConnect()) {
                    return;
                }
                told = true;
                event.registration().deregister();
                if (!inLoop(() -> won(this, connecting))) {
                    close(connecting); // neither the loop nor anybody else has it any more
                }
            } catch (ClosedChannelException | IllegalStateException e) {
                // abandoned in the meantime; onClose follows
            } catch (IOException e) {
                told = true;
                event.registration().close();
                inLoop(() -> lost(this, e));
            }
        }

        @Override
        public void onClose(Registration ended, @Nullable Throwable cause) {
            if (!told) {
                told = true;
                inLoop(() ->
                        lost(this, cause != null ? cause : new IOException("closed while connecting to " + name())));
            }
        }
    }
}
