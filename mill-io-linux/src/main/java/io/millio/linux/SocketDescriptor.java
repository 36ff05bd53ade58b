package io.millio.linux;

import io.millio.transport.SocketSource;
import java.io.IOException;
import java.net.SocketOption;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the sockets of this transport share: their options. */
abstract class SocketDescriptor<S extends SocketSource<S>> extends Descriptor implements SocketSource<S> {
    final int family;

    SocketDescriptor(int fd, int family) {
        super(fd);
        this.family = family;
    }

    abstract SocketOptions options();

    @Override
    @SuppressWarnings("unchecked") // each socket names its own interface as S
    public final <T> S setOption(SocketOption<T> option, @Nullable T value) throws IOException {
        Objects.requireNonNull(option, "option");
        begin();
        try {
            options().set(fd, family, option, value, this);
            return (S) this;
        } finally {
            end();
        }
    }

    @Override
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

    @Override
    public final Set<SocketOption<?>> supportedOptions() {
        return options().all();
    }
}
