package io.millio.examples;

import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.examples.cli.UsageException;
import io.millio.net.TcpClientBuilder;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsContextBuilder;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** The options of clients for encryption. */
final class TrustOptions {
    private static final Option TLS = Declare.flag("tls", "Encrypts, and verifies the server's certificate.");
    private static final Option CERT = Declare.value(
            "cert",
            "PEM",
            "Certificates to trust, that of --tls of a server for one (default: those of the platform).");

    private final boolean tls;
    private final @Nullable Path trusted;

    TrustOptions(Arguments arguments) {
        tls = arguments.has(TLS);
        trusted = arguments.pathOf(CERT);
        if (trusted != null && !tls) {
            throw new UsageException("--cert: " + trusted + " goes with --tls");
        }
    }

    static void addTo(Syntax syntax) {
        syntax.add(TLS, CERT);
    }

    /** Applies them to a client. */
    TcpClientBuilder applyTo(TcpClientBuilder builder) throws IOException {
        if (tls) {
            TlsContextBuilder context = TlsContext.client();
            builder.tls((trusted == null ? context : context.trust(trusted)).build());
        }
        return builder;
    }
}
