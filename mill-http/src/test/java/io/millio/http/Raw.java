package io.millio.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client that speaks bytes. */
final class Raw implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    final Socket socket;
    private final InputStream in;

    Raw(HttpServer server) throws IOException {
        InetSocketAddress at = (InetSocketAddress) server.localAddress();
        socket = new Socket(at.getAddress(), at.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = socket.getInputStream();
    }

    /** Sends text; its line ends become CR LF. */
    Raw send(String text) throws IOException {
        return sendExactly(text.replace("\n", "\r\n"));
    }

    Raw sendExactly(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    Raw endOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b; (b = in.read()) != '\n'; ) {
            if (b < 0) {
                throw new IOException("the end, after \"" + line.toString(StandardCharsets.ISO_8859_1) + "\"");
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        if (!text.endsWith("\r")) {
            throw new IOException("no CR before LF: " + text);
        }
        return text.substring(0, text.length() - 1);
    }

    /** One head, its date left out, with line ends LF. */
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        for (String line = line(); !line.isEmpty(); line = line()) {
            if (!line.startsWith("Date: ")) {
                head.append(line).append('\n');
            }
        }
        return head.toString();
    }

    String body(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("the end after " + bytes.length + " of " + length);
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** One answer with what its framing says is the body; chunks are put together, their trailer behind them. */
    String answer() throws IOException {
        String head = head();
        String lower = head.toLowerCase(Locale.ROOT);
        StringBuilder all = new StringBuilder(head).append('\n');
        int length = lower.indexOf("content-length: ");
        if (length >= 0) {
            all.append(body(Integer.parseInt(head.substring(length + 16, head.indexOf('\n', length)))));
        } else if (lower.contains("transfer-encoding: chunked")) {
            for (int size; (size = Integer.parseInt(line(), 16)) > 0; ) {
                all.append(body(size));
                if (!line().isEmpty()) {
                    throw new IOException("no line end after a chunk");
                }
            }
            for (String trailer = line(); !trailer.isEmpty(); trailer = line()) {
                all.append('\n').append(trailer);
            }
        }
        return all.toString();
    }

    int status() throws IOException {
        return Integer.parseInt(answer().substring(9, 12));
    }

    /** What comes until the end. */
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** What comes until the end, or until a reset. */
    String restOrReset() throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        try {
            for (int b; (b = in.read()) >= 0; ) {
                rest.write(b);
            }
        } catch (SocketException e) {
            // as good as an end here
        }
        return rest.toString(StandardCharsets.ISO_8859_1);
    }

    /** Whether the server ends the connection, in whatever way, without another byte. */
    boolean ends() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
