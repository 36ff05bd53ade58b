package io.millio.net;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.Resolver;
import io.millio.internal.Arguments;
import io.millio.net.tls.TlsContext;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link TcpClient}: each has a default, and is checked when it is given. One thread at a time. */
public final class TcpClientBuilder extends TcpBuilder<TcpClientBuilder> {
    Duration connectTimeout = Duration.ofSeconds(30);
    SetupOptions setup = new SetupOptions(null, null, null);

    @Nullable
    Resolver resolver;

    TcpClientBuilder() {}

    /** Looks up host names; stays the caller's. Default: that of the first loop, or else one of the client's own. */
    public TcpClientBuilder resolver(Resolver resolver) {
        this.resolver = Objects.requireNonNull(resolver, "resolver");
        return this;
    }

    /**
     * How long connecting may take, with the look-up of the name, without a TLS handshake; positive. Default 30
     * seconds.
     */
    public TcpClientBuilder connectTimeout(Duration timeout) {
        Arguments.positiveNanos(timeout, "connectTimeout");
        connectTimeout = timeout;
        return this;
    }

    /**
     * Encrypts every connection: it opens when the handshake is done, and {@link TcpClient#connect} fails when that
     * does.
     */
    public TcpClientBuilder tls(TlsContext context) {
        if (!context.isClient()) {
            throw new IllegalArgumentException("context: " + context + ", must be a client's");
        }
        setup = new SetupOptions(context, null, null);
        return this;
    }

    /**
     * Makes a client.
     *
     * @throws java.io.UncheckedIOException if the system refuses a poller
     */
    public TcpClient build() {
        EventLoopGroup own =
                loops.isEmpty() ? EventLoop.builder().direct().noPollTimeout().buildGroup(1) : null;
        if (own != null) {
            own.start();
        }
        return new TcpClient(this, own == null ? loops : own.loops(), own);
    }
}
