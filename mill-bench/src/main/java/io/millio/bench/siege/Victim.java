package io.millio.bench.siege;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The servers that are attacked, with the defaults of their libraries and one loop where that can be set; and the peers
 * once more with the protections that their documentation names.
 */
enum Victim {
    MILL_EPOLL,
    MILL_NIO,
    NETTY,
    NETTY_GUARDED,
    UNDERTOW,
    UNDERTOW_GUARDED,
    VERTX,
    VERTX_GUARDED;

    /** Netty and Vert.x as fast as they are where Unsafe is allowed; an option that a JDK does not know is skipped. */
    private static final List<String> JVM_OPTIONS = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.noUnsafe=false");

    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean isOwn() {
        return this == MILL_EPOLL || this == MILL_NIO;
    }

    boolean isGuarded() {
        return name().endsWith("_GUARDED");
    }

    boolean usesNetty() {
        return name().startsWith("NETTY") || name().startsWith("VERTX");
    }

    /** Undertow and Vert.x are given HTTP only. */
    boolean speaks(Protocol protocol) {
        return protocol != Protocol.LINE || isOwn() || name().startsWith("NETTY");
    }

    List<String> jvmOptions(String heap) {
        return Stream.concat(
                        JVM_OPTIONS.stream(),
                        Stream.of("-Xmx" + heap, "-Dmillio.transport=" + (this == MILL_EPOLL ? "epoll" : "nio")))
                .toList();
    }
}
