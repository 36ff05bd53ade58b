package io.millio.bench;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import io.millio.net.tls.TlsContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Connections of one loop that each send a message, wait until it has come back, and send the next. */
final class TlsEchoLoad implements TlsLoad.Running {
    private final TcpClient client;
    private final int bytes;

    // Written by the loop alone; volatile, so that others see it.
    private volatile long done;

    private volatile boolean closing;
    private volatile @Nullable String broken;

    TlsEchoLoad(int port, int connections, int bytes, X509Certificate trusted)
            throws ExecutionException, InterruptedException {
        this.bytes = bytes;
        TlsContext tls = TlsContext.client()
                .protocols(TlsLoad.PROTOCOL)
                .cipherSuites(TlsLoad.CIPHER_SUITE)
                .trust(List.of(trusted))
                .build();
        client = TcpClient.builder().tls(tls).build();
        for (int i = 0; i < connections; i++) {
            client.connect("127.0.0.1", port, new Caller()).get();
        }
    }

    private final class Caller implements ConnectionHandler {
        private final ByteBuffer message = ByteBuffer.allocateDirect(bytes);
        private int missing;

        @Override
        public void onOpen(Connection connection) {
            next(connection);
        }

        @Override
        public void onData(Connection connection, ByteBuffer echo) {
            missing -= echo.remaining();
            echo.position(echo.limit());
            if (missing == 0) {
                count();
                next(connection);
            }
        }

        private void next(Connection connection) {
            missing = bytes;
            connection.write(message.clear());
        }

        @Override
        public void onClose(Connection connection, CloseCause why, @Nullable Throwable failure) {
            if (!closing) {
                broken = why + ": " + failure;
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void count() {
        done++;
    }

    @Override
    public long done() {
        return done;
    }

    @Override
    public void close() throws IOException {
        closing = true;
        client.close();
        if (broken != null) {
            throw new IOException("a connection has ended: " + broken);
        }
    }
}
