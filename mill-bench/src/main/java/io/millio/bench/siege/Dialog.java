package io.millio.bench.siege;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A connection of the well-behaved client: one request at a time, by blocking calls. One thread. */
final class Dialog implements AutoCloseable {
    private static final int MAX_ANSWER_BYTES = 4 << 10;

    private final Socket socket;
    private final byte[] request;
    private final byte[] answerEnd;
    private final byte[] answer = new byte[MAX_ANSWER_BYTES];

    private Dialog(Socket socket, Protocol protocol) {
        this.socket = socket;
        this.request = protocol.request();
        this.answerEnd = protocol.answerEnd();
    }

    /**
     * Connects.
     *
     * @param timeoutMillis of connecting, and of each read
     * @param tls needed for {@link Protocol#TLS}
     */
    static Dialog open(Protocol protocol, int port, int timeoutMillis, @Nullable SSLContext tls) throws IOException {
        Socket socket = new Socket();
        Dialog opened = null;
        try {
            InetAddress host = InetAddress.getLoopbackAddress();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeoutMillis);
            socket.connect(new InetSocketAddress(host, port), timeoutMillis);
            if (protocol == Protocol.TLS && tls != null) {
                socket = tls.getSocketFactory().createSocket(socket, "localhost", port, true);
            }
            opened = new Dialog(socket, protocol);
            return opened;
        } finally {
            if (opened == null) {
                socket.close();
            }
        }
    }

    /** Sends the request and reads the answer to its end. */
    void ask() throws IOException {
        OutputStream to = socket.getOutputStream();
        to.write(request);
        to.flush();
        InputStream from = socket.getInputStream();
        int count = 0;
        while (!isAnswered(count)) {
            int read = from.read(answer, count, answer.length - count);
            if (read <= 0) {
                throw new EOFException("no whole answer in " + count + " bytes");
            }
            count += read;
        }
    }

    private boolean isAnswered(int count) {
        return count >= answerEnd.length
                && Arrays.equals(answer, count - answerEnd.length, count, answerEnd, 0, answerEnd.length);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
