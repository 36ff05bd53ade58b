/** Mill-IO: an event loop over non-blocking sources, with timers and tasks. */
module io.millio {
    requires static org.jspecify;

    exports io.millio;
    exports io.millio.limit;
    exports io.millio.pool;
    exports io.millio.task;
    exports io.millio.timer;
    exports io.millio.transport;
    exports io.millio.watch;

    uses io.millio.transport.TransportProvider;
    uses io.millio.watch.WatchProvider;

    provides io.millio.transport.TransportProvider with
            io.millio.transport.nio.NioTransportProvider;
}
