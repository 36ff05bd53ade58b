package io.millio.net;

import io.millio.EventLoop;
import io.millio.Timer;
import io.millio.net.tls.TlsContext;
import io.millio.net.wire.Chunk;
import io.millio.net.wire.ProxyHeader;
import io.millio.net.wire.TlsWire;
import io.millio.net.wire.WireException;
import io.millio.task.Priority;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Runs what comes between a connected socket and {@link ConnectionHandler#onOpen}: the PROXY header, then the TLS
 * handshake. Exists as long as that takes. Loop thread only; the tasks of the handshake run on the executor of the
 * context, and nothing else goes on meanwhile.
 */
final class Handshaker {
    /** Without TLS, how long a PROXY header may take. */
    private static final Duration HEADER_TIMEOUT = Duration.ofSeconds(10);

    private final StreamConnection connection;
    private final SetupOptions setup;
    private final @Nullable InetSocketAddress host;

    private boolean headerBegun;
    private boolean headerRead;
    private @Nullable Chunk header;
    private @Nullable TlsWire tls;
    private @Nullable Timer timer;
    private boolean computing;
    private boolean over;

    /**
     * A step is under way; whether tasks that it asked for have ended in it, so that the next step follows and is not
     * nested.
     */
    private boolean stepping;

    private boolean computedInStep;

    /** What is known of who is connected to; null for a server. */
    Handshaker(StreamConnection connection, SetupOptions setup, @Nullable SocketAddress remote) {
        this.connection = connection;
        this.setup = setup;
        this.host = remote instanceof InetSocketAddress inet ? inet : null;
        this.headerRead = setup.proxies() == null;
    }

    void begin() {
        TlsContext context = setup.tls();
        Duration timeout = context == null ? HEADER_TIMEOUT : context.handshakeTimeout();
        timer = connection
                .loop()
                .schedule(
                        timeout,
                        () -> fail(
                                CloseCause.HANDSHAKE_TIMEOUT,
                                new SocketTimeoutException("handshake: not done within " + timeout)));
        goOn();
    }

    /** The socket has an event. */
    void ready() {
        if (computing) {
            connection.await(Interest.NONE); // not before something comes: mostly the peer waits
        } else {
            goOn();
        }
    }

    private void goOn() {
        do {
            computedInStep = false;
            stepping = true;
            try {
                step();
            } finally {
                stepping = false;
            }
        } while (computedInStep);
    }

    private void step() {
        TcpStream stream = connection.stream();
        try {
            if (!headerRead && !readHeader(stream)) {
                connection.await(Interest.READABLE);
                return;
            }
            TlsContext context = setup.tls();
            if (context != null) {
                if (tls == null) {
                    tls = newWire(context);
                }
                switch (tls.handshake(stream)) {
                    case READ -> connection.await(Interest.READABLE);
                    case WRITE -> connection.await(Interest.WRITABLE);
                    case TASK -> compute(tls, context.taskExecutor());
                    case DONE -> done();
                }
                return;
            }
            done();
        } catch (IOException e) {
            boolean silent = (headerRead || !headerBegun) && (tls == null || !tls.hasRead());
            CloseCause why = CloseCause.of(e);
            fail(
                    why == CloseCause.FAILED && silent ? CloseCause.PEER : why,
                    ConnectionException.of(e)); // as health checks do
        }
    }

    private void done() {
        stop();
        Chunk rest = header;
        header = null;
        connection.open(rest);
    }

    // ---- TLS

    private SSLEngine newEngine(TlsContext context) throws WireException {
        try {
            SSLEngine engine = context.isClient()
                    ? context.newClientEngine(
                            host == null ? null : host.getHostString(), host == null ? -1 : host.getPort())
                    : context.newServerEngine();
            engine.beginHandshake();
            return engine;
        } catch (SSLException | RuntimeException e) { // a matter of settings, and none of the peer's
            throw new WireException(WireException.Reason.TLS_FAILED, String.valueOf(e.getMessage()), e);
        }
    }

    private TlsWire newWire(TlsContext context) throws WireException {
        SSLEngine engine = newEngine(context);
        TlsWire wire = new TlsWire(
                engine, connection.net().tlsBuffers(), connection.options().buffers());
        connection.wire = wire; // which releases what it holds at the end
        Chunk rest = header;
        if (rest != null) {
            header = null;
            wire.feed(rest.buffer);
            rest.release();
        }
        return wire;
    }

    /**
     * Runs the tasks on the executor, or else on the compute pool; {@link #computed} follows, or has been called
     * already where the executor runs them at once.
     */
    private void compute(TlsWire wire, @Nullable Executor executor) {
        computing = true;
        Runnable tasks = () -> runTasks(wire);
        try {
            if (executor == null) {
                CompletableFuture<?> unused = connection.loop().compute(Priority.NORMAL, Executors.callable(tasks));
            } else {
                executor.execute(tasks);
            }
        } catch (RuntimeException e) {
            computing = false;
            fail(executor == null ? CloseCause.LOOP_CLOSED : CloseCause.TLS_FAILED, e);
        }
    }

    private void runTasks(TlsWire wire) {
        Throwable failure = null;
        try {
            wire.runTasks();
        } catch (Throwable t) {
            failure = t;
        }
        EventLoop loop = connection.loop();
        if (loop.inLoop()) {
            computed(wire, failure);
            return;
        }
        Throwable why = failure;
        try {
            loop.execute(() -> computed(wire, why));
        } catch (RejectedExecutionException e) {
            // The loop reports the end, and the result is not needed any more.
        }
    }

    /** The tasks have ended. */
    private void computed(TlsWire wire, @Nullable Throwable failure) {
        computing = false;
        if (over) {
            return;
        }
        try {
            if (failure != null) { // of a trust manager of the program's, say
                WireException reported = wire.failed(connection.stream(), failure);
                fail(CloseCause.of(reported), ConnectionException.of(reported));
            } else if (stepping) {
                computedInStep = true;
            } else {
                goOn();
            }
        } catch (Throwable t) { // else the executor would get it
            connection.handlerFailed(t);
        }
    }

    // ---- PROXY

    private boolean readHeader(TcpStream stream) throws IOException {
        if (!setup.trusts(stream.remoteAddress())) {
            throw new WireException(
                    WireException.Reason.PROXY_HEADER,
                    "PROXY protocol: " + Addresses.text(stream.remoteAddress()) + " may not speak it",
                    null);
        }
        ByteBuffer target = connection.net().reader.buffer().limit(2 * ProxyHeader.MAX_BYTES);
        Chunk before = header;
        if (before != null) {
            target.put(before.buffer);
            header = null;
            before.release();
        }
        int got = stream.read(target);
        headerBegun |= got > 0;
        target.flip();
        ProxyHeader.Read read = ProxyHeader.read(target);
        if (target.hasRemaining()) {
            Chunk rest = Chunk.ofSize(target.remaining(), connection.options().buffers());
            rest.append(target);
            header = rest;
        }
        if (read == null) {
            if (got < 0) {
                throw header == null
                        ? new WireException(WireException.Reason.PEER_CLOSED, "closed before it said anything", null)
                        : new WireException(WireException.Reason.PROXY_HEADER, "PROXY protocol: half a header", null);
            }
            return false;
        }
        headerRead = true;
        connection.group.named(connection, read.client() == null ? stream.remoteAddress() : read.client());
        return true;
    }

    // ---- end

    private void fail(CloseCause why, Throwable failure) {
        if (!over) {
            connection.end(why, failure);
        }
    }

    private void stop() {
        over = true;
        Objects.requireNonNull(timer).cancel();
    }

    /** The connection has ended. */
    void release() {
        if (timer != null) {
            stop();
        }
        Chunk rest = header;
        if (rest != null) {
            header = null;
            rest.release();
        }
    }
}
