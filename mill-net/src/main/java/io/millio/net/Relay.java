package io.millio.net;

import io.millio.EventLoop;
import io.millio.internal.LoopFuture;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Passes bytes on between two connections, as proxies do. */
public final class Relay {
    private Relay() {}

    /**
     * Passes on what each of two connections receives to the other, until both have ended. They get new handlers, as by
     * {@link Connection#handler}; what was left unread is passed on first, and reading is resumed. Loop only.
     *
     * <ul>
     *   <li>While one has more queued than its high watermark, the other is not read.
     *   <li>The end of one's input shuts down the other's output, behind what is queued; the other way goes on.
     *   <li>If one ends in order, the other is closed, after what is queued; else it is aborted, so that no peer takes
     *       for whole what is not. The same if one of them is not open any more at the call.
     *   <li>Timeouts and limits of bytes per second are those of the connections' options. A server that drains waits
     *       for the relay until its deadline.
     * </ul>
     *
     * @return completed in the loop when both have ended: with null if both ended in order, else with the failure of
     *     the first that did not, a {@link ConnectionException} with its cause if there is no exception that says more
     * @throws IllegalArgumentException if the two are on different loops:
     *     {@link TcpClient#connect(java.net.SocketAddress, io.millio.EventLoop, ConnectionHandler)} connects on a given
     *     one
     * @throws IllegalStateException if called by another thread than the loop's
     */
    public static CompletableFuture<@Nullable Void> connect(Connection one, Connection other) {
        if (one.loop() != other.loop()) {
            throw new IllegalArgumentException(
                    "other: on " + other.loop() + ", must be on the loop of the one: " + one.loop());
        }
        if (!one.loop().inLoop()) {
            throw new IllegalStateException("only in the loop of " + one);
        }
        Ends ends = new Ends(one.loop());
        ends.add(one, other);
        ends.add(other, one);
        ends.removed();
        return ends.result;
    }

    /** Counts the connections that have not ended. Loop only. */
    private static final class Ends {
        final CompletableFuture<@Nullable Void> result;
        private int left = 1; // the call that adds them
        private @Nullable Throwable failure; // of the end that failed first

        Ends(EventLoop loop) {
            this.result = new LoopFuture<>(loop);
        }

        void add(Connection end, Connection other) {
            if (end.isOpen()) {
                left++;
                end.handler(new End(this, other));
                end.resumeReading();
            } else {
                other.abort();
                failed(Objects.requireNonNullElse(end.closeCause(), CloseCause.ABORTED), null, end);
            }
        }

        void failed(CloseCause cause, @Nullable Throwable why, Connection end) {
            if (failure == null) {
                failure = why != null ? why : new ConnectionException(cause, end + " has ended: " + cause, null);
            }
        }

        void removed() {
            if (--left != 0) {
                return;
            }
            if (failure == null) {
                result.complete(null);
            } else {
                result.completeExceptionally(failure);
            }
        }
    }

    /** What one end reads the other one writes. */
    private record End(Ends ends, Connection other) implements ConnectionHandler {
        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            switch (other.write(bytes)) {
                case CONTINUE -> {}
                case PAUSE -> connection.pauseReading();
                case CLOSED -> bytes.position(bytes.limit()); // this one ends, too, as soon as the other has
            }
        }

        @Override
        public void onWritable(Connection connection) {
            other.resumeReading();
        }

        @Override
        public void onInputClosed(Connection connection, ByteBuffer rest) {
            onData(connection, rest); // if this end has got its handler behind the last data
            if (other.isOpen() && !other.isOutputShutdown()) {
                other.shutdownOutput();
            } else {
                connection.close();
            }
        }

        @Override
        public void onDrain(Connection connection) {}

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            try {
                if (cause == CloseCause.PEER || cause == CloseCause.LOCAL) {
                    other.close();
                } else {
                    other.abort();
                    ends.failed(cause, failure, connection);
                }
            } finally {
                ends.removed();
            }
        }
    }
}
