package io.millio.examples;

import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Syntax;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.Relay;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.net.frame.FrameDecoder;
import io.millio.net.frame.FrameFormat;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/** A SOCKS proxy, version 5 (RFC 1928): CONNECT to addresses and names, without authentication. */
record SocksProxy(Arguments arguments) implements Example {
    // version, n, n methods
    private static final FrameDecoder GREETING = FrameDecoder.of(
            257, (bytes, searched) -> bytes.remaining() < 2 ? FrameFormat.UNKNOWN : 2 + byteAt(bytes, 1));
    // version, command, 0, kind of address, address (a name has its length in front), port in 2 bytes
    private static final FrameDecoder REQUEST = FrameDecoder.of(262, (bytes, searched) -> {
        int kind = bytes.remaining() < 5 ? 0 : byteAt(bytes, 3);
        return kind == 0 ? FrameFormat.UNKNOWN : kind == 1 ? 10 : kind == 3 ? 7 + byteAt(bytes, 4) : kind == 4 ? 22 : 5;
    });

    static Syntax syntax() {
        return Servers.syntax("socks-proxy", "A SOCKS proxy, version 5: CONNECT, without authentication.");
    }

    @Override
    public int run(Console console) throws IOException {
        return Servers.run(arguments, loops -> {
            TcpClient client = TcpClient.builder().loops(loops).build();
            ConnectionHandler request = REQUEST.handler((front, frame) -> connect(front, frame, client));
            return TcpServer.builder().handler(GREETING.handler((front, frame) -> greet(front, frame, request)));
        });
    }

    private static int byteAt(ByteBuffer bytes, int index) {
        return bytes.get(bytes.position() + index) & 0xff;
    }

    private static void greet(Connection front, ByteBuffer frame, ConnectionHandler next) {
        boolean open = IntStream.range(2, frame.remaining()).anyMatch(i -> byteAt(frame, i) == 0);
        boolean known = open && byteAt(frame, 0) == 5;
        front.write(ByteBuffer.wrap(new byte[] {5, (byte) (known ? 0 : 0xff)}));
        if (known) {
            front.handler(next);
        } else {
            front.close();
        }
    }

    private static void connect(Connection front, ByteBuffer frame, TcpClient client) throws IOException {
        front.pauseReading(); // what follows is passed on
        int kind = byteAt(frame, 3);
        if (byteAt(frame, 1) != 1 || frame.remaining() == 5) {
            reply(front, frame.remaining() == 5 ? 8 : 7);
            return;
        }
        byte[] host = new byte[frame.remaining() - (kind == 3 ? 7 : 6)];
        frame.get(frame.limit() - 2 - host.length, host);
        int port = frame.getShort(frame.limit() - 2) & 0xffff;
        InetSocketAddress to = kind == 3
                ? InetSocketAddress.createUnresolved(new String(host, StandardCharsets.US_ASCII), port)
                : new InetSocketAddress(InetAddress.getByAddress(host), port);
        var unused = client.connect(to, front.loop(), (back, early) -> {}).whenComplete((back, failure) -> {
            reply(front, failure == null ? 0 : failure instanceof ConnectException ? 5 : 4);
            if (back != null) {
                var unusedEnd = Relay.connect(front, back);
            }
        });
    }

    private static void reply(Connection front, int failure) {
        front.write(ByteBuffer.wrap(new byte[] {5, (byte) failure, 0, 1, 0, 0, 0, 0, 0, 0}));
        if (failure != 0) {
            front.close();
        }
    }
}
