package io.millio.testkit;

import io.millio.transport.SocketSettings;
import java.net.NetworkInterface;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of a simulated socket: kept and given back; those that do something are read by the socket. Not for
 * several threads.
 */
final class SimOptions {
    private static final int BUFFER_BYTES = 65_536;

    private final Map<SocketOption<?>, @Nullable Object> values = new LinkedHashMap<>();

    static SimOptions ofListener() {
        return new SimOptions()
                .with(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES)
                .with(StandardSocketOptions.SO_REUSEADDR, true);
    }

    static SimOptions ofStream() {
        return new SimOptions()
                .with(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES)
                .with(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES)
                .with(StandardSocketOptions.SO_KEEPALIVE, false)
                .with(StandardSocketOptions.SO_REUSEADDR, false)
                .with(StandardSocketOptions.SO_LINGER, -1)
                .with(StandardSocketOptions.TCP_NODELAY, true);
    }

    static SimOptions ofDatagrams() {
        return new SimOptions()
                .with(StandardSocketOptions.SO_SNDBUF, 212_992)
                .with(StandardSocketOptions.SO_RCVBUF, 212_992)
                .with(StandardSocketOptions.SO_REUSEADDR, false)
                .with(StandardSocketOptions.SO_BROADCAST, false)
                .with(StandardSocketOptions.IP_TOS, 0)
                .with(StandardSocketOptions.IP_MULTICAST_IF, (NetworkInterface) null)
                .with(StandardSocketOptions.IP_MULTICAST_TTL, 1)
                .with(StandardSocketOptions.IP_MULTICAST_LOOP, true);
    }

    private SimOptions with(SocketOption<?> option, @Nullable Object value) {
        values.put(option, value);
        return this;
    }

    void set(SocketSettings settings) {
        for (SocketOption<?> option : settings.options()) {
            set(option, Objects.requireNonNull(settings.get(option)));
        }
    }

    void set(SocketOption<?> option, Object value) {
        check(option);
        if (!option.type().isInstance(value)) {
            throw new IllegalArgumentException(option.name() + ": invalid value " + value);
        }
        values.put(option, value);
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // by set, a value is of its option's type
    <T> T get(SocketOption<T> option) {
        check(option);
        return (T) values.get(option);
    }

    private void check(SocketOption<?> option) {
        if (!values.containsKey(Objects.requireNonNull(option, "option"))) {
            throw new UnsupportedOperationException("'" + option.name() + "' not supported");
        }
    }

    Set<SocketOption<?>> supported() {
        return Set.copyOf(values.keySet());
    }
}
