package io.millio.bench.http.server;

import java.util.Locale;

/** The servers, in the order of the tables. */
public enum Server {
    /** The bare loop in C: what the system alone costs. */
    LIMIT,
    MILL_EPOLL,
    MILL_NIO,
    NETTY_EPOLL,
    NETTY_NIO,
    MICROHTTP,
    UNDERTOW,
    HELIDON,
    JETTY,
    HTTPSERVER,
    VERTX;

    /** Returns its name in tables and on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns whether it is a server of other authors, and not the limit. */
    public boolean isPeer() {
        return this != LIMIT && this != MILL_EPOLL && this != MILL_NIO;
    }

    /** Starts it in this process, and returns the port that it listens on. */
    int start() throws Exception {
        return switch (this) {
            case LIMIT -> throw new IllegalArgumentException("the limit is no Java program");
            case MILL_EPOLL -> MillServer.start("epoll");
            case MILL_NIO -> MillServer.start("nio");
            case NETTY_EPOLL -> NettyServer.start(true);
            case NETTY_NIO -> NettyServer.start(false);
            case MICROHTTP -> MicrohttpServer.start();
            case UNDERTOW -> UndertowServer.start();
            case HELIDON -> HelidonServer.start();
            case JETTY -> JettyServer.start();
            case HTTPSERVER -> RobahoServer.start();
            case VERTX -> VertxServer.start();
        };
    }
}
