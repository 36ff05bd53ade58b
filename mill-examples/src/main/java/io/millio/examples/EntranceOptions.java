package io.millio.examples;

import io.millio.http.HttpServerBuilder;
import io.millio.net.TcpServerBuilder;
import io.millio.net.TlsCertificate;
import io.millio.net.TlsContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of servers for what connections go through before they open. */
final class EntranceOptions {
    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--tls",
            description = "Encrypts; without --cert by a throw-away certificate, whose file the ready line names.")
    private boolean tls;

    @Option(names = "--cert", paramLabel = "PEM", description = "Certificate chain, its own certificate first.")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "PEM", description = "Private key, PKCS#8.")
    private @Nullable Path key;

    @Option(
            names = "--proxy-protocol",
            arity = "0..1",
            fallbackValue = "127.0.0.0/8",
            paramLabel = "TRUSTED",
            split = ",",
            description = "Expects the PROXY protocol, from these addresses only (default ${FALLBACK-VALUE}).")
    private String @Nullable [] proxies;

    private @Nullable TlsCertificate loaded;
    private String described = "";
    private String proxied = "";
    private @Nullable Path thrownAway;

    /** Applies them to a server. */
    TcpServerBuilder applyTo(TcpServerBuilder builder) throws IOException {
        apply(builder::tls, builder::proxyProtocol);
        return builder;
    }

    /** Applies them to a server of HTTP. */
    HttpServerBuilder applyTo(HttpServerBuilder builder) throws IOException {
        apply(builder::tls, builder::proxyProtocol);
        return builder;
    }

    private void apply(Consumer<TlsContext> encrypt, Consumer<String[]> trust) throws IOException {
        if ((certificate == null) != (key == null) || (certificate != null && !tls)) {
            throw new ParameterException(spec.commandLine(), "--cert and --key go together, and with --tls");
        }
        if (tls) {
            if (loaded == null) {
                loaded = certificate(); // the same for all servers of the process
            }
            encrypt.accept(TlsContext.server().certificates(List.of(loaded)).build());
        }
        if (proxies != null) {
            try {
                trust.accept(proxies);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--proxy-protocol: " + e.getMessage(), e);
            }
            proxied = ", PROXY protocol";
        }
    }

    private TlsCertificate certificate() throws IOException {
        if (certificate != null && key != null) {
            described = ", TLS";
            return TlsCertificate.pem(certificate, key);
        }
        TlsCertificate made = ThrowAway.certificate();
        Path file = ThrowAway.write(made);
        thrownAway = file;
        described = ", TLS by throw-away certificate " + file;
        return made;
    }

    /** The server has ended. */
    void end() {
        Path file = thrownAway;
        if (file != null && !file.toFile().delete()) {
            System.err.println("could not delete " + file);
        }
    }

    /** What the ready line says of them. */
    String describe() {
        return described + proxied;
    }
}
