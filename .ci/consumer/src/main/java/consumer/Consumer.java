package consumer;

import io.millio.net.Connection;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.transport.Transport;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Has an echo server answer a client of the same process, and prints the transport and the answer. */
public final class Consumer {
    private Consumer() {}

    public static void main(String[] arguments) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        try (TcpServer server = TcpServer.builder()
                        .address("127.0.0.1", 0)
                        .handler((connection, bytes) -> connection.write(bytes))
                        .start();
                TcpClient client = TcpClient.create()) {
            SocketAddress address = server.localAddress();
            Connection connection = client.connect(address, (from, bytes) -> {
                        if (bytes.remaining() == 5) { // else they come again, with the next ones
                            answer.complete(StandardCharsets.UTF_8.decode(bytes).toString());
                        }
                    })
                    .get(30, TimeUnit.SECONDS);
            connection.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
            System.out.println(Transport.best().name() + " " + answer.get(30, TimeUnit.SECONDS));
        }
    }
}
