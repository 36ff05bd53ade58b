/** Mill-IO on Linux: epoll, inotify and any descriptor that can be polled, without native code of its own. */
module io.millio.linux {
    requires transitive io.millio;
    requires static jdk.net;
    requires static org.jspecify;

    exports io.millio.linux;

    provides io.millio.transport.TransportProvider with
            io.millio.linux.EpollTransportProvider;
    provides io.millio.watch.WatchProvider with
            io.millio.linux.InotifyWatchProvider;
}
