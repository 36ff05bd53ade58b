/** Servers, clients and connections on the event loop of Mill-IO. */
module io.millio.net {
    requires transitive io.millio;
    requires static jdk.jfr;
    requires static org.jspecify;

    exports io.millio.net;
    exports io.millio.net.pool;
    exports io.millio.net.frame;
    exports io.millio.net.memory;
    exports io.millio.net.proxy;
    exports io.millio.net.tls;
}
