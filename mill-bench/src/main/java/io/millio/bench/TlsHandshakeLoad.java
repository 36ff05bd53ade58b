package io.millio.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Threads that connect, shake hands, have a message echoed and close, by the platform's blocking sockets. The message
 * makes the client read the ticket that a server sends after the handshake.
 */
final class TlsHandshakeLoad implements TlsLoad.Running {
    private static final byte[] MESSAGE = new byte[64];

    private final int port;
    private final boolean resume;
    private final SSLContext context;
    private final AtomicLong done = new AtomicLong();
    private final List<Thread> callers = new ArrayList<>();

    private volatile boolean closing;
    private volatile @Nullable Throwable broken;

    TlsHandshakeLoad(int port, int threads, boolean resume, KeyStore trusted) throws Exception {
        this.port = port;
        this.resume = resume;
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        if (!resume) {
            context.getClientSessionContext().setSessionCacheSize(1);
        }
        for (int i = 0; i < threads; i++) {
            String name = "caller-" + i;
            Thread caller = new Thread(() -> run(name), name);
            caller.start();
            callers.add(caller);
        }
    }

    private void run(String name) {
        try {
            for (long i = 0; !closing; i++) {
                call(resume ? name : name + "-" + i, resume && i > 0); // sessions are remembered by name
                done.incrementAndGet();
            }
        } catch (IOException | RuntimeException e) {
            broken = e;
        }
    }

    private void call(String name, boolean expectResumed) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        plain.setTcpNoDelay(true);
        long begun = System.currentTimeMillis();
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, name, port, true)) {
            socket.setEnabledProtocols(new String[] {TlsLoad.PROTOCOL});
            socket.setEnabledCipherSuites(new String[] {TlsLoad.CIPHER_SUITE});
            socket.startHandshake();
            socket.getOutputStream().write(MESSAGE);
            if (socket.getInputStream().readNBytes(MESSAGE.length).length < MESSAGE.length) {
                throw new IOException("the server has closed");
            }
            if (expectResumed && socket.getSession().getCreationTime() >= begun) {
                throw new IllegalStateException("the session was not resumed");
            }
        }
    }

    @Override
    public long done() {
        return done.get();
    }

    @Override
    public void close() throws IOException {
        closing = true;
        try {
            for (Thread each : callers) {
                each.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (broken != null) {
            throw new IOException("a call has failed", broken);
        }
    }
}
