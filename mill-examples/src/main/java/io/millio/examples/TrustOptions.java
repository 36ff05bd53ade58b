package io.millio.examples;

import io.millio.net.TcpClientBuilder;
import io.millio.net.TlsContext;
import io.millio.net.TlsContextBuilder;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of clients for encryption. */
final class TrustOptions {
    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--tls", description = "Encrypts, and verifies the server's certificate.")
    private boolean tls;

    @Option(
            names = "--cert",
            paramLabel = "PEM",
            description = "Certificates to trust, that of --tls of a server for one (default: those of the platform).")
    private @Nullable Path trusted;

    /** Applies them to a client. */
    TcpClientBuilder applyTo(TcpClientBuilder builder) throws IOException {
        if (tls) {
            TlsContextBuilder context = TlsContext.client();
            builder.tls((trusted == null ? context : context.trust(trusted)).build());
        } else if (trusted != null) {
            throw new ParameterException(spec.commandLine(), "--cert: goes with --tls");
        }
        return builder;
    }
}
