package io.millio.http;

import io.millio.net.TcpServer;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** An HTTP/1.1 server (RFC 9110, 9112). Made by a {@linkplain #builder() builder}. Every method is for any thread. */
public final class HttpServer implements AutoCloseable {
    private final TcpServer server;

    HttpServer(TcpServer server) {
        this.server = server;
    }

    /** Settings to start a server from. */
    public static HttpServerBuilder builder() {
        return new HttpServerBuilder();
    }

    /** Where it listens: the port that was given for a port 0. */
    public SocketAddress localAddress() {
        return server.localAddress();
    }

    /** How many connections it has now. */
    public int connections() {
        return server.connections();
    }

    /** How often it has stopped accepting for want of a permit of {@link HttpServerBuilder#acceptLimit}. */
    public long acceptsHeldBack() {
        return server.acceptsHeldBack();
    }

    /** How many connections were reset because of {@link HttpServerBuilder#acceptLimitPerAddress}. */
    public long acceptsRefused() {
        return server.acceptsRefused();
    }

    /** Returns whether {@link #close(Duration)} or {@link #close()} was called: for a health check, say. */
    public boolean isDraining() {
        return server.isClosing();
    }

    /** Describes what this server does now, as {@link TcpServer#dump} does. */
    public String dump() {
        return server.dump();
    }

    /**
     * Drains: accepts no more, closes idle connections, lets requests that have begun be answered, with
     * {@code Connection: close}, runs what was given to {@link HttpResponse#onDrain}, and cuts off what is left at the
     * deadline. A second call changes nothing.
     *
     * @param deadline how long it may take
     * @return completed when all connections have gone: true if they went by themselves; or false soon after the
     *     deadline, as {@link TcpServer#close(Duration)} says
     */
    public CompletableFuture<Boolean> close(Duration deadline) {
        return server.close(deadline);
    }

    /** Closes now, as {@link #close(Duration)} does with no time left, and waits for nothing. */
    @Override
    public void close() {
        server.close();
    }

    @Override
    public String toString() {
        return "HTTP " + server;
    }
}
