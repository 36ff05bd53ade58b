package io.millio.transport;

import java.net.SocketOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Options that a socket gets when it is opened, before it is bound, listens or connects: some have no effect later, as
 * the size of a receive buffer that the window of TCP is to make use of. Immutable; any thread.
 *
 * <pre>{@code
 * SocketSettings.NONE.with(SO_REUSEPORT, true).with(SO_RCVBUF, 1 << 20)
 * }</pre>
 */
public final class SocketSettings {
    /** No options. */
    public static final SocketSettings NONE = new SocketSettings(Map.of());

    private final Map<SocketOption<?>, Object> values;

    private SocketSettings(Map<SocketOption<?>, Object> values) {
        this.values = values;
    }

    /**
     * Returns these settings with an option added, or replaced. Whether a socket has the option and takes the value is
     * found when it is opened.
     */
    public <T> SocketSettings with(SocketOption<T> option, T value) {
        Map<SocketOption<?>, Object> more = new LinkedHashMap<>(values);
        more.put(Objects.requireNonNull(option, "option"), Objects.requireNonNull(value, "value"));
        return new SocketSettings(more);
    }

    /** The options, in the order in which they were added. */
    public Set<SocketOption<?>> options() {
        return Collections.unmodifiableSet(values.keySet());
    }

    /** The value of an option; null if it is not one of {@link #options}. */
    public <T> @Nullable T get(SocketOption<T> option) {
        return option.type().cast(values.get(option));
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
