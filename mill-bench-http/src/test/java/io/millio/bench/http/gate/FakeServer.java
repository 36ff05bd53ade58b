package io.millio.bench.http.gate;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** A server that answers as a test says, with a thread for each connection. */
public final class FakeServer implements AutoCloseable {
    /** An answer that closes the connection. */
    static final String CLOSE = "";

    static final String NONE = "none";

    /** Right for some of the requests. */
    static final String PLAIN = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!";

    private final ServerSocket listener = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
    private final UnaryOperator<String> behaviour;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private int connectionsWithData;
    private int bytes;

    /**
     * Listens.
     *
     * @param behaviour called after each read, with all that was received since the last answer; returns what is sent,
     *     {@link #CLOSE} or {@link #NONE}
     */
    public FakeServer(UnaryOperator<String> behaviour) throws IOException {
        this.behaviour = behaviour;
        daemon(this::accept);
    }

    /** Answers the same to each blank line, which ends a request without a body. */
    public static FakeServer afterBlankLine(String answer) throws IOException {
        return new FakeServer(received -> {
            int blankLines = received.split("\r\n\r\n", -1).length - 1;
            return blankLines == 0 ? NONE : answer.repeat(blankLines);
        });
    }

    public int port() {
        return listener.getLocalPort();
    }

    synchronized void awaitConnectionsWithData(int count) throws InterruptedException {
        while (connectionsWithData < count) {
            wait();
        }
    }

    synchronized void awaitBytes(int count) throws InterruptedException {
        while (bytes < count) {
            wait();
        }
    }

    private synchronized void received(boolean first, int count) {
        connectionsWithData += first ? 1 : 0;
        bytes += count;
        notifyAll();
    }

    private static void daemon(Runnable run) {
        Thread thread = new Thread(run, "fake-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                open.add(socket);
                daemon(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            byte[] read = new byte[1 << 16];
            String received = "";
            boolean first = true;
            for (int got; (got = socket.getInputStream().read(read)) > 0; first = false) {
                received += new String(read, 0, got, StandardCharsets.ISO_8859_1);
                String answer = behaviour.apply(received);
                if (answer.equals(CLOSE)) {
                    return;
                }
                if (!answer.equals(NONE)) {
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    received = "";
                }
                received(first, got);
            }
        } catch (IOException e) {
            // the peer has gone
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket each : open) {
            each.close();
        }
    }
}
