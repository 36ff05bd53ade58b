package io.millio;

import io.millio.internal.Arguments;
import io.millio.transport.TcpStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Looks up names off the loop, since the platform's look-up blocks, and connects to whichever address of a name answers
 * first. Any thread.
 */
public final class Resolver implements AutoCloseable {
    private static final AtomicInteger NEXT_THREAD = new AtomicInteger(1);

    private final Lookup lookup;
    private final Executor executor;
    private final @Nullable ExecutorService owned;

    // Volatile: set by whoever closes, read by whoever asks.
    private volatile boolean closed;

    /** Finds the addresses of a name; may block. */
    @FunctionalInterface
    public interface Lookup {
        /** The addresses of a host, at least one, the preferred first. */
        List<InetAddress> addresses(String host) throws UnknownHostException;
    }

    private Resolver(Lookup lookup, Executor executor, @Nullable ExecutorService owned) {
        this.lookup = lookup;
        this.executor = executor;
        this.owned = owned;
    }

    /**
     * A resolver over the platform's look-up, on at most 4 daemon threads of its own, which end when nothing is to do.
     */
    public static Resolver create() {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(4, 4, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "millio-resolver-" + NEXT_THREAD.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return new Resolver(host -> List.of(InetAddress.getAllByName(host)), threads, threads);
    }

    /** A resolver over another look-up, which is called on an executor of the caller's. */
    public static Resolver of(Lookup lookup, Executor executor) {
        return new Resolver(
                Objects.requireNonNull(lookup, "lookup"), Objects.requireNonNull(executor, "executor"), null);
    }

    /**
     * Looks up a name.
     *
     * @return its addresses, or an {@link UnknownHostException}; completed on a thread of the look-up
     * @throws RejectedExecutionException if this is closed, or its executor takes nothing
     */
    public CompletableFuture<List<InetAddress>> resolve(String host) {
        Objects.requireNonNull(host, "host");
        if (closed) {
            throw new RejectedExecutionException("the resolver is closed");
        }
        CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                List<InetAddress> addresses = List.copyOf(lookup.addresses(host));
                if (addresses.isEmpty()) {
                    throw new UnknownHostException(host);
                }
                found.complete(addresses);
            } catch (Throwable t) {
                found.completeExceptionally(t);
            }
        });
        return found;
    }

    /**
     * Looks up a name and connects to it: to its addresses in turn, the families alternating, the next one when the one
     * before has failed or has not answered for 250 ms; the first that answers is taken (RFC 8305, "Happy Eyeballs").
     *
     * <p>Cancelling the future ends the attempts. A connection that comes after it was cancelled or timed out is
     * closed.
     *
     * @param loop makes and watches the attempts, with its timers
     * @param port 0 to 65535
     * @param timeout for all of it, the look-up included
     * @return the stream, connected and registered nowhere: the caller's to register and to close; or why there is
     *     none: an {@link UnknownHostException}, a {@link java.net.SocketTimeoutException}, or the failure of the last
     *     address with those of the others as suppressed ones. Completed in the loop
     * @throws RejectedExecutionException if this or the loop is closed
     */
    public CompletableFuture<TcpStream> connect(EventLoop loop, String host, int port, Duration timeout) {
        Objects.requireNonNull(loop, "loop");
        Objects.requireNonNull(host, "host");
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + ", must be between 0 and 65535");
        }
        Arguments.positiveNanos(timeout, "timeout");
        ConnectRace race = new ConnectRace(loop, host, port);
        return race.start(resolve(host), timeout);
    }

    /** Takes no more names; look-ups under way go on. Does nothing to an executor that is the caller's. */
    @Override
    public void close() {
        closed = true;
        if (owned != null) {
            owned.shutdown();
        }
    }
}
