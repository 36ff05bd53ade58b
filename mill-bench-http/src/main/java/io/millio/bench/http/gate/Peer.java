package io.millio.bench.http.gate;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A connection to the server that is checked: sends bytes as given, receives answers. Blocking; one thread. */
final class Peer implements AutoCloseable {
    private static final int CONNECT_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final InputStream in;

    /** The server has not answered in time. */
    static final class TimeoutException extends IOException {
        private static final long serialVersionUID = 1;

        TimeoutException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    Peer(int port, int timeoutMillis) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeoutMillis);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Sends a part of some bytes; a server that has closed is noticed by {@link #receive}. */
    @SuppressWarnings("EmptyCatch")
    void send(byte[] bytes, int from, int to) {
        try {
            socket.getOutputStream().write(bytes, from, to - from);
        } catch (IOException e) {
            // it may have answered before
        }
    }

    /** Receives the next answer that is not an interim one. */
    Received receive() throws IOException {
        try {
            Received received;
            do {
                received = receiveAny();
            } while (received.status() < 200);
            return received;
        } catch (SocketTimeoutException e) {
            throw new TimeoutException("no complete answer in " + socket.getSoTimeout() + " ms", e);
        }
    }

    /** Waits for the end of the connection, and returns whether it comes before anything else. */
    boolean isClosed() {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // reset
        }
    }

    private Received receiveAny() throws IOException {
        String[] statusLine = line().split(" ", 3);
        if (statusLine.length < 2 || !statusLine[0].startsWith("HTTP/1.") || !statusLine[1].matches("[1-5]\\d\\d")) {
            throw new IOException("no status line: " + String.join(" ", statusLine));
        }
        int status = Integer.parseInt(statusLine[1]);
        Map<String, String> fields = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IOException("no field: " + line);
            }
            fields.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        if (status < 200 || status == 204 || status == 304) {
            return new Received(status, new byte[0]);
        }
        String length = fields.get("content-length");
        if ("chunked".equalsIgnoreCase(fields.get("transfer-encoding"))) {
            return new Received(status, chunks());
        }
        return new Received(status, length == null ? in.readAllBytes() : body(number(length, 10)));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size; (size = number(line().split(";", 2)[0].strip(), 16)) > 0; ) {
            body.writeBytes(body(size));
            line();
        }
        while (!line().isEmpty()) {} // trailers
        return body.toByteArray();
    }

    private byte[] body(int length) throws IOException {
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("closed amid a body");
        }
        return body;
    }

    private static int number(String digits, int radix) throws IOException {
        try {
            return Integer.parseUnsignedInt(digits, radix);
        } catch (NumberFormatException e) {
            throw new IOException("no length: " + digits, e);
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b; (b = in.read()) != '\n'; ) {
            if (b < 0) {
                throw new EOFException(line.size() == 0 ? "closed without an answer" : "closed amid a head");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    @SuppressWarnings("EmptyCatch")
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // all that matters was received
        }
    }
}
