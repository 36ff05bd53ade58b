package io.millio.net;

import io.millio.Timer;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Who waits for a connection to come about. */
final class Connecting {
    private final StreamConnection connection;
    private final SocketAddress remote;
    private final Duration timeout;
    private final Result result = new Result();

    // The turn's.
    private @Nullable Timer timer;

    Connecting(StreamConnection connection, SocketAddress remote, Duration timeout) {
        this.connection = connection;
        this.remote = remote;
        this.timeout = timeout;
    }

    /** Ends the attempt when its holder cancels it. */
    final class Result extends CompletableFuture<Connection> {
        // Volatile: set in the loop, read by whoever cancels.
        private volatile @Nullable CompletableFuture<?> before;

        /** What else must be cancelled. */
        void follows(CompletableFuture<?> other) {
            before = other;
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            boolean cancelled = super.cancel(mayInterrupt);
            CompletableFuture<?> other = before;
            if (other != null) {
                other.cancel(false);
            }
            try {
                connection.loop().execute(() -> connection.failConnect(new RejectedExecutionException("cancelled")));
            } catch (RejectedExecutionException e) {
                // closed, and so is the attempt
            }
            return cancelled;
        }
    }

    SocketAddress remote() {
        return remote;
    }

    Result result() {
        return result;
    }

    /** The attempt has begun. In the turn. */
    void startTimer() {
        timer = connection
                .loop()
                .schedule(
                        timeout,
                        () -> connection.failConnect(new SocketTimeoutException(
                                "connecting to " + Addresses.text(remote) + ": nothing within " + timeout)));
    }

    /** Told in the turn; false if nobody waits any more. */
    boolean done(Connection connected) {
        stopTimer();
        return result.complete(connected);
    }

    void fail(Throwable why) {
        stopTimer();
        result.completeExceptionally(why);
    }

    void stopTimer() {
        Timer known = timer;
        if (known != null) {
            known.cancel();
        }
    }
}
