/** Mill-IO: an event loop over non-blocking sources, with timers and tasks. */
module io.millio {
    requires static org.jspecify;

    exports io.millio;
    exports io.millio.limit;
    exports io.millio.pool;
    exports io.millio.task;
    exports io.millio.timer;
    exports io.millio.transport;

    uses io.millio.transport.TransportProvider;

    provides io.millio.transport.TransportProvider with
            io.millio.transport.nio.NioTransportProvider;
}
