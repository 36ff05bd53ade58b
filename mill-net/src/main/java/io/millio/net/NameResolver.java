package io.millio.net;

import io.millio.Resolver;
import io.millio.internal.Addresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A resolver over a blocking look-up, which it runs on threads. Literal addresses are returned at once, and calls for a
 * name that is being looked up share that look-up; one that every caller has cancelled leaves the queue. Nothing is
 * cached beyond that; the platform has a cache of its own. All methods may be called from any thread.
 */
public final class NameResolver implements Resolver, AutoCloseable {

    private static final AtomicInteger NEXT_THREAD = new AtomicInteger(1);

    private final Lookup lookup;
    private final Executor executor;
    private final @Nullable ThreadPoolExecutor owned;

    // Concurrent map: look-ups under way, removed by the thread that completes them.
    private final ConcurrentMap<String, SharedLookup> pending = new ConcurrentHashMap<>();

    // Volatile: set by close, read by every look-up.
    private volatile boolean closed;

    /** Finds the addresses of a host; may block. */
    @FunctionalInterface
    public interface Lookup {
        /** Returns the addresses of a host, at least one, the preferred first. */
        List<InetAddress> addresses(String host) throws UnknownHostException;
    }

    private NameResolver(Lookup lookup, Executor executor, @Nullable ThreadPoolExecutor owned) {
        this.lookup = lookup;
        this.executor = executor;
        this.owned = owned;
    }

    /** Returns a resolver over the platform's look-up, on at most 4 daemon threads, which end when they are idle. */
    public static NameResolver create() {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(4, 4, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "millio-resolver-" + NEXT_THREAD.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return new NameResolver(host -> List.of(InetAddress.getAllByName(host)), threads, threads);
    }

    /** Returns a resolver over another look-up, which is called on an executor of the caller's. */
    public static NameResolver of(Lookup lookup, Executor executor) {
        return new NameResolver(
                Objects.requireNonNull(lookup, "lookup"), Objects.requireNonNull(executor, "executor"), null);
    }

    /**
     * {@inheritDoc}
     *
     * @throws RejectedExecutionException if this resolver is closed or its executor refuses the look-up
     */
    @Override
    public CompletableFuture<List<InetAddress>> resolve(String host) {
        Objects.requireNonNull(host, "host");
        if (closed) {
            throw new RejectedExecutionException("the resolver is closed");
        }
        if (Addresses.isLiteral(host)) {
            CompletableFuture<List<InetAddress>> parsed = new CompletableFuture<>();
            complete(parsed, name -> List.of(InetAddress.getAllByName(name)), host); // parsed, not looked up
            return parsed;
        }
        while (true) {
            SharedLookup created = new SharedLookup(host);
            CompletableFuture<List<InetAddress>> own = created.join();
            SharedLookup running = pending.putIfAbsent(host, created);
            if (running == null) {
                created.submit();
                return Objects.requireNonNull(own);
            }
            CompletableFuture<List<InetAddress>> shared = running.join();
            if (shared != null) {
                return shared;
            }
            pending.remove(host, running); // abandoned just now
        }
    }

    /** A look-up for all who ask for a name at the same time. It leaves the queue when the last of them cancels. */
    private final class SharedLookup implements Runnable {
        private final String host;
        private final CompletableFuture<List<InetAddress>> result = new CompletableFuture<>();

        // Guarded by this.
        private int callers;
        private boolean started;
        private boolean abandoned;

        SharedLookup(String host) {
            this.host = host;
        }

        /** Returns a future of one more caller, whose cancel ends no other's; null if it has been abandoned. */
        @Nullable
        CompletableFuture<List<InetAddress>> join() {
            synchronized (this) {
                if (abandoned) {
                    return null;
                }
                callers++;
            }
            CompletableFuture<List<InetAddress>> copy = result.copy();
            CompletableFuture<?> unused = copy.whenComplete((addresses, failure) -> leave());
            return copy;
        }

        private void leave() {
            synchronized (this) {
                callers--;
                if (callers > 0 || started) {
                    return;
                }
                abandoned = true;
            }
            pending.remove(host, this);
            if (owned != null) {
                owned.remove(this);
            }
        }

        void submit() {
            boolean submitted = false;
            try {
                executor.execute(this);
                submitted = true;
            } finally {
                if (!submitted) {
                    pending.remove(host, this);
                    result.completeExceptionally(new RejectedExecutionException("the look-up was refused: " + host));
                }
            }
        }

        @Override
        public void run() {
            synchronized (this) {
                if (abandoned) {
                    return;
                }
                started = true;
            }
            try {
                complete(result, lookup, host);
            } finally {
                pending.remove(host, this);
            }
        }
    }

    private static void complete(CompletableFuture<List<InetAddress>> result, Lookup lookup, String host) {
        try {
            List<InetAddress> addresses = List.copyOf(lookup.addresses(host));
            if (addresses.isEmpty()) {
                throw new UnknownHostException(host);
            }
            result.complete(addresses);
        } catch (Throwable t) {
            result.completeExceptionally(t);
        }
    }

    /** Refuses further look-ups; those under way go on. An executor of the caller's is left as it is. */
    @Override
    public void close() {
        closed = true;
        if (owned != null) {
            owned.shutdown();
        }
    }
}
