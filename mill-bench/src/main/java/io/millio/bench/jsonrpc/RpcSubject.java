package io.millio.bench.jsonrpc;

import io.millio.transport.Transport;
import io.netty.channel.epoll.Epoll;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A server to measure. Parsing, calling and writing JSON is the same code in all: the example's. */
enum RpcSubject {
    MILL_EPOLL("Mill.epoll"),
    MILL_NIO("Mill.nio"),
    NETTY_EPOLL("Netty.epoll"),
    NETTY_NIO("Netty.nio"),
    /** As many are written: each answer is flushed by itself. */
    NETTY_NIO_EACH("Netty.nio.flush-each");

    final String title;

    RpcSubject(String title) {
        this.title = title;
    }

    static RpcSubject of(String title) {
        return Arrays.stream(values())
                .filter(each -> each.title.equals(title))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("subject: " + title));
    }

    boolean isMill() {
        return this == MILL_EPOLL || this == MILL_NIO;
    }

    /** Why it can't be measured here; null if it can. */
    @Nullable
    String missing() {
        return switch (this) {
            case NETTY_EPOLL ->
                Epoll.isAvailable()
                        ? null
                        : "netty-transport-native-epoll is not on the class path, or not for this platform";
            case MILL_EPOLL ->
                Transport.available().stream().anyMatch(each -> each.name().equals("epoll") && each.usable())
                        ? null
                        : "mill-io-linux can't be used here";
            default -> null;
        };
    }

    static List<RpcSubject> all() {
        return List.of(values());
    }
}
