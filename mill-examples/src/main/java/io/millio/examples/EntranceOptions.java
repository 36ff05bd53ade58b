package io.millio.examples;

import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.examples.cli.UsageException;
import io.millio.http.HttpServerBuilder;
import io.millio.net.TcpServerBuilder;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** The options of servers for what connections go through before they open. */
final class EntranceOptions {
    private static final String DEFAULT_PROXIES = "127.0.0.0/8";

    private static final Option TLS = Declare.flag(
            "tls", "Encrypts; without --cert by a throw-away certificate, whose file the ready line names.");
    private static final Option CERT = Declare.value("cert", "PEM", "Certificate chain, its own certificate first.");
    private static final Option KEY = Declare.value("key", "PEM", "Private key, PKCS#8.");
    private static final Option PROXY_PROTOCOL = Declare.optionalValue(
            "proxy-protocol",
            "TRUSTED[,TRUSTED...]",
            "Expects the PROXY protocol, from these addresses only (default " + DEFAULT_PROXIES + ").");

    private final boolean tls;
    private final @Nullable Path certificate;
    private final @Nullable Path key;
    private final String @Nullable [] proxies;

    private @Nullable TlsCertificate loaded;
    private String described = "";
    private @Nullable Path thrownAway;

    EntranceOptions(Arguments arguments) {
        tls = arguments.has(TLS);
        certificate = arguments.pathOf(CERT);
        key = arguments.pathOf(KEY);
        if ((certificate == null) != (key == null) || (certificate != null && !tls)) {
            throw new UsageException("--cert and --key go together, and with --tls");
        }
        proxies = proxies(arguments);
    }

    private static String @Nullable [] proxies(Arguments arguments) {
        List<String> trusted = arguments.textsOf(PROXY_PROTOCOL);
        if (trusted == null) {
            return null;
        }
        return trusted.isEmpty() ? new String[] {DEFAULT_PROXIES} : trusted.toArray(new String[0]);
    }

    static void addTo(Syntax syntax) {
        syntax.add(TLS, CERT, KEY, PROXY_PROTOCOL);
    }

    /** Applies them to a server. */
    TcpServerBuilder applyTo(TcpServerBuilder builder) throws IOException {
        if (tls) {
            builder.tls(context());
        }
        applyProxies(builder::proxyProtocol);
        return builder;
    }

    /** Applies them to a server of HTTP. */
    HttpServerBuilder applyTo(HttpServerBuilder builder) throws IOException {
        if (tls) {
            builder.tls(context());
        }
        applyProxies(builder::proxyProtocol);
        return builder;
    }

    private void applyProxies(Consumer<String[]> server) {
        if (proxies == null) {
            return;
        }
        try {
            server.accept(proxies);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--proxy-protocol: " + e.getMessage(), e);
        }
    }

    private TlsContext context() throws IOException {
        if (loaded == null) {
            loaded = certificate(); // the same for all servers of the process
        }
        return TlsContext.server().certificates(List.of(loaded)).build();
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
        return described + (proxies == null ? "" : ", PROXY protocol");
    }
}
