package io.millio.linux;

import java.io.IOException;
import java.net.SocketOption;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the sockets of this transport share: their options. */
abstract class SocketDescriptor extends Descriptor {
    final int family;

    SocketDescriptor(int fd, int family) {
        super(fd);
        this.family = family;
    }

    abstract SocketOptions options();

    final <T> void set(SocketOption<T> option, @Nullable T value) throws IOException {
        Objects.requireNonNull(option, "option");
        begin();
        try {
            options().set(fd, family, option, value, this);
        } finally {
            end();
        }
    }

    // Public and of this name, so that they serve the three interfaces of sockets.

    @SuppressWarnings("NullAway") // an interface that was not set is null on the platform's sockets too
    public final <T> T getOption(SocketOption<T> option) throws IOException {
        Objects.requireNonNull(option, "option");
        begin();
        try {
            return options().get(fd, family, option, this);
        } finally {
            end();
        }
    }

    public final Set<SocketOption<?>> supportedOptions() {
        return options().all();
    }
}
