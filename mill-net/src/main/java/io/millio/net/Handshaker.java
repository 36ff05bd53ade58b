package io.millio.net;

import io.millio.EventLoop;
import io.millio.Timer;
import io.millio.internal.Addresses;
import io.millio.internal.RunSubject;
import io.millio.net.ConnectionGroup.RefusedException;
import io.millio.net.jfr.ConnectionRecording;
import io.millio.net.proxy.ProxyHeader;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsInfo;
import io.millio.net.wire.Chunk;
import io.millio.net.wire.TlsWire;
import io.millio.net.wire.WireException;
import io.millio.task.Priority;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Runs what comes between a connected socket and {@link ConnectionHandler#onOpen}: the PROXY header, which a server
 * receives and a client sends, then the TLS handshake. Exists as long as that takes. Loop thread only; the tasks of the
 * handshake run on the executor of the context, and nothing else goes on meanwhile.
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

    /** What the socket has not taken of the PROXY header of a client. */
    private @Nullable ByteBuffer unsent;

    private @Nullable TlsWire tls;
    private @Nullable Timer timer;

    /** When TLS began, if it has. */
    private long tlsNanos;

    private boolean tlsBegun;

    /** The tasks of the handshake have been given to their executor, and have not ended. */
    private boolean computing;

    /** The computation of the loop's pool that runs them. */
    private @Nullable CompletableFuture<?> computation;

    /** They are being given to it: if they end meanwhile, the next step follows and is not nested. */
    private boolean submitting;

    /** What is known of who is connected to; null for a server. */
    Handshaker(StreamConnection connection, SetupOptions setup, @Nullable SocketAddress remote) {
        this.connection = connection;
        this.setup = setup;
        this.host = remote instanceof InetSocketAddress inet ? inet : null;
        this.headerRead = setup.proxies() == null;
    }

    /** For a connection that is open; what was received before, if anything, is the beginning of the handshake. */
    Handshaker(StreamConnection connection, StartTls settings, @Nullable Chunk received) {
        this(connection, SetupOptions.NONE.withTls(settings.context()), settings.host());
        header = received;
    }

    void begin() {
        TlsContext context = setup.tls();
        Duration timeout = context == null ? HEADER_TIMEOUT : context.handshakeTimeout();
        timer = connection
                .loop()
                .schedule(
                        timeout,
                        RunSubject.task(
                                connection,
                                () -> connection.end(
                                        CloseCause.HANDSHAKE_TIMEOUT,
                                        new SocketTimeoutException("handshake: not done within " + timeout))));
        if (setup.proxies() == null && !connection.is(ConnectionState.UPGRADING)) {
            try {
                prepareHeader();
            } catch (RuntimeException e) { // of the program's function
                connection.end(CloseCause.HANDLER_FAILED, e);
                return;
            }
        }
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
        while (step()) {}
        if (!connection.is(ConnectionState.OPENED | ConnectionState.ENDING)) {
            connection.group.memory.act();
            Closing.advanceUnopened(connection); // what it has received may have been too much
        }
    }

    /** Goes on as far as that is possible now; returns whether the next step can follow at once. */
    private boolean step() {
        TcpStream stream = connection.stream();
        TlsContext context = setup.tls();
        try {
            if (!headerRead && !readHeader(stream)) {
                connection.await(Interest.READABLE);
            } else if (!sendHeader(stream)) {
                connection.await(Interest.WRITABLE);
            } else if (context == null) {
                done();
            } else {
                if (tls == null) {
                    tls = newWire(context);
                }
                switch (tls.handshake(stream)) {
                    case READ -> connection.await(Interest.READABLE);
                    case WRITE -> connection.await(Interest.WRITABLE);
                    case TASK -> {
                        return compute(tls, context.taskExecutor());
                    }
                    case DONE -> done();
                }
            }
        } catch (IOException e) {
            boolean silent = (headerRead || !headerBegun) && (tls == null || !tls.hasRead());
            CloseCause why = CloseCause.of(e);
            connection.end(
                    why == CloseCause.FAILED && silent ? CloseCause.PEER : why,
                    ConnectionException.of(e)); // as health checks do
        }
        return false;
    }

    private void done() {
        Objects.requireNonNull(timer).cancel();
        Chunk rest = header;
        header = null;
        record(null);
        if (connection.is(ConnectionState.UPGRADING)) {
            HandlerChange.tlsStarted(connection);
        } else {
            connection.open(rest);
        }
    }

    // ---- TLS

    private TlsWire newWire(TlsContext context) throws WireException {
        tlsNanos = connection.loop().nanoTime();
        tlsBegun = true;
        SSLEngine engine;
        try {
            if (!context.isClient()) {
                engine = context.newServerEngine();
            } else {
                engine = context.newClientEngine(
                        host == null ? null : host.getHostString(), host == null ? -1 : host.getPort());
            }
            engine.beginHandshake();
        } catch (SSLException | RuntimeException e) { // a matter of settings, and none of the peer's
            throw new WireException(WireException.Reason.TLS_FAILED, String.valueOf(e.getMessage()), e);
        }
        TlsWire wire = new TlsWire(
                engine, connection.net().tlsBuffers(), connection.options().buffers(), connection);
        connection.wire = wire; // which releases what it holds at the end
        if (header != null) {
            wire.feed(header.buffer);
            releaseHeader();
        }
        return wire;
    }

    /**
     * Runs the tasks on the executor, or else on the compute pool; returns whether the executor has run them at once,
     * else {@link #computed} goes on.
     */
    private boolean compute(TlsWire wire, @Nullable Executor executor) {
        computing = true;
        submitting = true;
        try {
            if (executor == null) {
                computation = connection
                        .loop()
                        .compute(
                                Priority.HIGH,
                                RunSubject.computation(connection, () -> {
                                    if (!connection.requested(ConnectionState.ENDED)) { // else it has waited too long
                                        wire.runTasks();
                                    }
                                    return null;
                                }),
                                (done, failure) -> {
                                    if (connection.loop().inLoop()) { // else that is closed
                                        computed(wire, failure);
                                    }
                                });
            } else {
                executor.execute(() -> runTasks(wire));
            }
        } catch (RuntimeException e) {
            computing = false;
            connection.end(executor == null ? CloseCause.LOOP_CLOSED : CloseCause.TLS_FAILED, e);
        } finally {
            submitting = false;
        }
        return !computing && !connection.is(ConnectionState.ENDING);
    }

    private void runTasks(TlsWire wire) {
        if (connection.requested(ConnectionState.ENDED)) {
            return; // it waited for so long that no result is needed
        }
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
            loop.execute(RunSubject.task(connection, () -> computed(wire, why)));
        } catch (RejectedExecutionException e) {
            // The loop reports the end, and the result is not needed any more.
        }
    }

    /** The tasks have ended. */
    private void computed(TlsWire wire, @Nullable Throwable failure) {
        computing = false;
        if (connection.is(ConnectionState.ENDING)) {
            return;
        }
        try {
            if (failure != null) { // of a trust manager of the program's, say
                WireException reported = wire.failed(connection.stream(), failure);
                connection.end(CloseCause.of(reported), ConnectionException.of(reported));
            } else if (!submitting) {
                goOn();
            }
        } catch (Throwable t) { // else the executor would get it
            connection.handlerFailed(t);
        }
    }

    // ---- PROXY

    private boolean readHeader(TcpStream stream) throws IOException {
        if (!setup.trusts(stream.remoteAddress())) {
            throw refused("PROXY protocol: " + Addresses.text(stream.remoteAddress()) + " may not speak it");
        }
        ByteBuffer target = connection.net().reader.buffer().limit(2 * ProxyHeader.MAX_BYTES);
        if (header != null) {
            target.put(header.buffer);
            releaseHeader();
        }
        int got = stream.read(target);
        headerBegun |= got > 0;
        target.flip();
        ProxyHeader read;
        try {
            read = ProxyHeader.read(target);
        } catch (ProtocolException e) {
            throw refused(e.getMessage());
        }
        header = Chunk.of(target, connection.options().buffers(), connection);
        if (read == null) {
            if (got < 0) {
                throw header == null
                        ? new WireException(WireException.Reason.PEER_CLOSED, "closed before it said anything")
                        : refused("PROXY protocol: half a header");
            }
            return false;
        }
        headerRead = true;
        connection.group.named(connection, read);
        return true;
    }

    private static RefusedException refused(@Nullable String why) {
        return new RefusedException(RefusalListener.Reason.PROXY_HEADER, String.valueOf(why));
    }

    /** Makes the header of a client, if it sends one: that of the call, else that of its settings. */
    private void prepareHeader() {
        Function<? super Connection, ProxyHeader> maker = setup.header();
        if (connection.proxyHeader == null && maker != null) {
            connection.proxyHeader = Objects.requireNonNull(maker.apply(connection), "the header from proxyHeader");
        }
        ProxyHeader sent = connection.proxyHeader;
        unsent = sent == null ? null : ByteBuffer.wrap(sent.toBytes());
    }

    /** Returns whether nothing of the header is left to send. */
    private boolean sendHeader(TcpStream stream) throws IOException {
        ByteBuffer rest = unsent;
        if (rest != null) {
            stream.write(rest);
            if (rest.hasRemaining()) {
                return false;
            }
            unsent = null;
        }
        return true;
    }

    private void releaseHeader() {
        Chunk held = header;
        header = null;
        Chunk.releaseIfAny(held);
    }

    /** The connection has ended. */
    void release() {
        if (timer != null) {
            timer.cancel();
        }
        releaseHeader();
        if (computation != null) {
            computation.cancel(false); // it leaves the queue of the pool, if it is there still
        }
        record(connection.failure == null ? connection.cause : connection.failure);
    }

    /** Records the handshake, which is done or has failed. */
    private void record(@Nullable Object failure) {
        if (tlsBegun && ConnectionRecording.wantsHandshakes()) {
            TlsInfo info = tls == null ? null : tls.tls();
            ConnectionRecording.handshake(
                    connection.remoteAddress(),
                    connection.group.handlers == null,
                    info == null ? null : info.session().getProtocol(),
                    info == null ? null : info.session().getCipherSuite(),
                    connection.loop().nanoClock().getAsLong() - tlsNanos,
                    failure);
        }
    }
}
