package io.millio.bench.jsonrpc;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Calls, over many connections with many in flight on each: one that is answered is followed by another. As cheap as it
 * can be, so that the server is what is measured: the calls are bytes made beforehand, and their answers, which come in
 * order, are compared with the bytes that they must be.
 */
final class RpcLoad implements AutoCloseable {
    private static final int FIRST_ID = 100; // all of one length, and so the calls and the answers

    private final EventLoop loop = EventLoop.lowLatency();
    private final int inFlight;
    private final int callBytes;
    private final int answerBytes;
    private final ByteBuffer calls;
    private final ByteBuffer answers;
    private final ByteBuffer got = ByteBuffer.allocateDirect(64 * 1024);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile long answered; // the loop's to write

    RpcLoad(int port, int connections, int inFlight) throws IOException {
        this.inFlight = inFlight;
        StringBuilder asked = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        // Twice around, so that any run of calls in flight is in one piece.
        for (int i = 0; i < 2 * inFlight; i++) {
            int id = FIRST_ID + i % inFlight;
            asked.append("{\"jsonrpc\":\"2.0\",\"method\":\"subtract\",\"params\":[42,23],\"id\":")
                    .append(id)
                    .append("}\n");
            expected.append("{\"jsonrpc\":\"2.0\",\"result\":19,\"id\":")
                    .append(id)
                    .append("}\n");
        }
        calls = direct(asked);
        answers = direct(expected);
        callBytes = calls.capacity() / (2 * inFlight);
        answerBytes = answers.capacity() / (2 * inFlight);
        for (int i = 0; i < connections; i++) {
            TcpStream stream = loop.openStream(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            loop.register(stream, Interest.WRITABLE, new Caller(stream));
        }
        loop.start();
    }

    private static ByteBuffer direct(StringBuilder text) {
        byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** How many calls have been answered. */
    long answered() throws IOException {
        Throwable why = failure.get();
        if (why != null) {
            throw new IOException("the load has failed", why);
        }
        return answered;
    }

    @Override
    public void close() {
        loop.close();
    }

    private final class Caller implements EventHandler {
        private final TcpStream stream;
        private boolean connected;
        private int gotBytes; // since the answer with the first id began
        private int nextCall;

        Caller(TcpStream stream) {
            this.stream = stream;
        }

        @Override
        public void handle(Event event) {
            try {
                if (!connected) {
                    if (!stream.finishConnect()) {
                        return;
                    }
                    connected = true;
                    event.registration().setInterest(Interest.READABLE);
                    send(inFlight);
                    return;
                }
                read();
            } catch (IOException | RuntimeException e) {
                failure.compareAndSet(null, e);
                event.registration().close();
            }
        }

        private void read() throws IOException {
            int count = stream.read(got.clear());
            if (count < 0) {
                throw new IOException("the server has closed");
            }
            got.flip();
            answers.clear().position(gotBytes).limit(gotBytes + count);
            if (!answers.equals(got)) {
                throw new IOException("a wrong answer among: " + StandardCharsets.US_ASCII.decode(got));
            }
            int whole = (gotBytes % answerBytes + count) / answerBytes;
            gotBytes = (gotBytes + count) % (inFlight * answerBytes);
            long before = answered;
            answered = before + whole;
            send(whole);
        }

        private void send(int count) throws IOException {
            if (count == 0) {
                return;
            }
            calls.clear().position(nextCall * callBytes).limit((nextCall + count) * callBytes);
            stream.write(calls);
            if (calls.hasRemaining()) {
                throw new IOException("the system does not take so few bytes");
            }
            nextCall = (nextCall + count) % inFlight;
        }
    }
}
