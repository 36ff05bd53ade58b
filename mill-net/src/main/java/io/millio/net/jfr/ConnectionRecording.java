package io.millio.net.jfr;

import io.millio.internal.Addresses;
import io.millio.internal.Texts;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Records what becomes of connections, if a flight recording wants it. What has to be computed for an event is computed
 * by callers that have asked whether it is wanted. Any thread.
 */
public final class ConnectionRecording {
    /** A request to a pool is recorded from this wait on. */
    private static final long SLOW_NANOS = 10_000_000;

    private static final boolean PRESENT = isPresent();

    private ConnectionRecording() {}

    private static boolean isPresent() {
        try {
            // All classes now: later there may be no memory, or no descriptor, to load one that is not wanted at all.
            boolean[] unused = {
                ConnectionOpenedEvent.isWanted(),
                ConnectionClosedEvent.isWanted(),
                ConnectionRefusedEvent.isWanted(),
                TlsHandshakeEvent.isWanted(),
                WritePausedEvent.isWanted(),
                MemoryPressureEvent.isWanted(),
                PoolAcquireEvent.isWanted()
            };
            return true;
        } catch (Throwable t) {
            return false; // the module jdk.jfr is not there; or no memory: else this class could not be used any more
        }
    }

    /** Whether {@link #opened} is wanted. */
    public static boolean wantsOpened() {
        return PRESENT && ConnectionOpenedEvent.isWanted();
    }

    /** Records a connection that opens. */
    public static void opened(Object loop, SocketAddress local, SocketAddress remote) {
        if (PRESENT) {
            ConnectionOpenedEvent event = new ConnectionOpenedEvent();
            event.loop = loop.toString();
            event.local = Addresses.text(local);
            event.remote = Addresses.text(remote);
            event.commit();
        }
    }

    /** Whether {@link #closed} is wanted. */
    public static boolean wantsClosed() {
        return PRESENT && ConnectionClosedEvent.isWanted();
    }

    /** Records the end of a connection that has opened. */
    public static void closed(
            Object loop,
            SocketAddress local,
            SocketAddress remote,
            Object cause,
            long bytesRead,
            long bytesWritten,
            long ageNanos,
            @Nullable Throwable failure) {
        if (PRESENT) {
            ConnectionClosedEvent event = new ConnectionClosedEvent();
            event.loop = loop.toString();
            event.local = Addresses.text(local);
            event.remote = Addresses.text(remote);
            event.cause = cause.toString();
            event.bytesRead = bytesRead;
            event.bytesWritten = bytesWritten;
            event.age = ageNanos;
            event.failure = text(failure);
            event.commit();
        }
    }

    /** Whether {@link #handshake} is wanted. */
    public static boolean wantsHandshakes() {
        return PRESENT && TlsHandshakeEvent.isWanted();
    }

    /**
     * Records a TLS handshake.
     *
     * @param protocol null: it has failed
     * @param cipherSuite null: it has failed
     * @param failure an exception, or the cause of the end; null: it has succeeded
     */
    public static void handshake(
            SocketAddress remote,
            boolean client,
            @Nullable String protocol,
            @Nullable String cipherSuite,
            long elapsedNanos,
            @Nullable Object failure) {
        if (PRESENT) {
            TlsHandshakeEvent event = new TlsHandshakeEvent();
            event.remote = Addresses.text(remote);
            event.client = client;
            event.protocol = protocol;
            event.cipherSuite = cipherSuite;
            event.elapsed = elapsedNanos;
            event.failure = text(failure);
            event.commit();
        }
    }

    /** Records a connection that has never opened. */
    public static void refused(SocketAddress remote, Object reason, @Nullable Throwable failure) {
        if (PRESENT && ConnectionRefusedEvent.isWanted()) {
            ConnectionRefusedEvent event = new ConnectionRefusedEvent();
            event.remote = Addresses.text(remote);
            event.reason = reason.toString();
            event.failure = text(failure);
            event.commit();
        }
    }

    /** Whether {@link #writePaused} is wanted. */
    public static boolean wantsPauses() {
        return PRESENT && WritePausedEvent.isWanted();
    }

    /** Records that a connection has more queued than its high watermark. */
    public static void writePaused(Object connection, long queuedBytes) {
        if (PRESENT) {
            WritePausedEvent event = new WritePausedEvent();
            event.connection = connection.toString();
            event.queued = queuedBytes;
            event.commit();
        }
    }

    /** Records that memory has become more or less scarce. */
    public static void memoryPressure(String from, String to, long usedBytes, long maxBytes, int connections) {
        if (PRESENT && MemoryPressureEvent.isWanted()) {
            MemoryPressureEvent event = new MemoryPressureEvent();
            event.from = from;
            event.to = to;
            event.used = usedBytes;
            event.max = maxBytes;
            event.connections = connections;
            event.commit();
        }
    }

    /**
     * Records a request for a connection of a pool, if it has waited for long.
     *
     * @param outcome a word, or a failure
     */
    public static void poolAcquire(SocketAddress endpoint, long elapsedNanos, Object outcome) {
        if (PRESENT && elapsedNanos >= SLOW_NANOS && PoolAcquireEvent.isWanted()) {
            PoolAcquireEvent event = new PoolAcquireEvent();
            event.endpoint = Addresses.text(endpoint);
            event.elapsed = elapsedNanos;
            event.outcome = Texts.of(outcome);
            event.commit();
        }
    }

    private static @Nullable String text(@Nullable Object failure) {
        return failure == null ? null : Texts.of(failure);
    }
}
