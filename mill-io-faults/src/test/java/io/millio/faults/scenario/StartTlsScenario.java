package io.millio.faults.scenario;

import io.millio.net.ConnectionHandler;
import io.millio.net.TcpServerBuilder;
import io.millio.net.tls.TlsContext;
import io.millio.testkit.SimHost;
import java.io.IOException;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/** The same with TLS that begins on an open connection. */
final class StartTlsScenario extends TlsScenario {
    @Nullable
    TlsContext context;

    StartTlsScenario() throws IOException, InterruptedException, GeneralSecurityException {}

    @Override
    TcpServerBuilder tls(TcpServerBuilder builder, TlsContext made) {
        context = made;
        return builder;
    }

    @Override
    ConnectionHandler newHandler() {
        return new StartTlsHandler(this);
    }

    @Override
    Peer newPeer(SimHost host, int number) throws IOException {
        return newPeer(host, number, true);
    }
}
