package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EchoServerTest {
    private final EventLoop loop = EventLoop.create();
    private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @BeforeEach
    void serve() throws IOException {
        TcpListener listener = loop.openListener(address);
        address = (InetSocketAddress) listener.localAddress();
        loop.register(listener, Interest.READABLE, event -> {
            for (TcpStream peer; (peer = listener.accept()) != null; ) {
                loop.register(peer, Interest.READABLE, new Echo(peer));
            }
        });
        loop.start();
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private Socket connect() throws IOException {
        return new Socket(address.getAddress(), address.getPort());
    }

    @Test
    void sendsBackWhatAClientSendsThatReadsOnlyWhenItHasSentAll() throws Exception {
        byte[] sent = new byte[16 * 1024 * 1024];
        new Random(1).nextBytes(sent);
        try (Socket client = connect()) {
            Thread sender = new Thread(() -> {
                try {
                    client.getOutputStream().write(sent);
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            sender.start();
            byte[] got = client.getInputStream().readAllBytes();
            sender.join();
            assertThat(got).isEqualTo(sent);
        }
    }

    @Test
    void servesOthersAfterAReset() throws Exception {
        try (Socket client = connect()) {
            client.getOutputStream().write(new byte[100_000]);
            client.setSoLinger(true, 0);
        }
        try (Socket client = connect()) {
            client.getOutputStream().write("still here".getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("still here");
        }
    }
}
