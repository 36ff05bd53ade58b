package io.millio.examples;

import io.millio.EventLoopGroup;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.FrameDecoder;
import io.millio.net.TcpServer;
import io.millio.net.WriteRefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A chat: each line goes to everybody else. Who does not read what is sent to him is dropped, and holds up nobody. */
@Command(name = "chat-server", description = "Passes each line on to everybody else.", sortOptions = false)
final class ChatServer implements Callable<Integer> {
    private static final int MAX_LINE_BYTES = 4 * 1024;

    @Mixin
    private AddressOptions where;

    @Option(
            names = "--max-backlog",
            defaultValue = "1048576",
            description = "Bytes that may wait for one reader; beyond them it is dropped (default ${DEFAULT-VALUE}).")
    private int maxBacklog;

    @Mixin
    private EntranceOptions entrance;

    @Mixin
    private NetOptions options;

    @Override
    public Integer call() throws IOException {
        options.atLeast(MAX_LINE_BYTES + 1, maxBacklog, "--max-backlog");
        try (EventLoopGroup loops = options.openLoops()) {
            TcpServer server = entrance.applyTo(TcpServer.builder()
                            .address(where.address())
                            .loops(loops)
                            .options(limits(maxBacklog))
                            .handler(new Room()))
                    .start();
            Servers.run(options, entrance, loops, server);
        }
        return 0;
    }

    static ConnectionOptions limits(int maxBacklog) {
        return ConnectionOptions.DEFAULT
                .withMaxUnreadBytes(2 * MAX_LINE_BYTES)
                .withMaxQueuedBytes(maxBacklog)
                .withWriteStallTimeout(Duration.ofMinutes(1));
    }

    /** One for all connections, on whatever loops. */
    static final class Room implements ConnectionHandler {
        private static final FrameDecoder LINES = FrameDecoder.lines(MAX_LINE_BYTES);

        // Concurrent: members come and go on their own loops.
        private final Set<Connection> members = ConcurrentHashMap.newKeySet();

        @Override
        public void onOpen(Connection connection) {
            members.add(connection);
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) throws Exception {
            LINES.decode(connection, bytes, this::onLine);
        }

        private void onLine(Connection from, ByteBuffer line) {
            byte[] name = (Servers.text(from.remoteAddress()) + ": ").getBytes(StandardCharsets.UTF_8);
            ByteBuffer message = ByteBuffer.allocate(name.length + line.remaining() + 1);
            message.put(name).put(line).put((byte) '\n').flip();
            for (Connection member : members) {
                if (member != from) {
                    send(member, message.rewind());
                }
            }
        }

        private static void send(Connection member, ByteBuffer message) {
            try {
                member.write(message);
            } catch (WriteRefusedException e) {
                member.abort(); // it has not read for too long
            }
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            members.remove(connection);
        }
    }
}
