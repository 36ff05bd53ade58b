/** Mill-IO: an event loop over non-blocking sources, with timers and tasks. */
@SuppressWarnings("module") // the siblings may be missing on the module path
module io.millio {
    requires static java.management;
    requires static jdk.management;
    requires static jdk.jfr;
    requires static org.jspecify;

    exports io.millio;
    exports io.millio.internal to
            io.millio.linux,
            io.millio.net,
            io.millio.http,
            io.millio.testkit;
    exports io.millio.limit;
    exports io.millio.pool;
    exports io.millio.stats;
    exports io.millio.task;
    exports io.millio.timer;
    exports io.millio.transport;
    exports io.millio.watch;

    uses io.millio.transport.TransportProvider;
    uses io.millio.watch.WatchProvider;
}
