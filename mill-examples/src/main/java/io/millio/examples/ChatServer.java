package io.millio.examples;

import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.TcpServer;
import io.millio.net.WriteRefusedException;
import io.millio.net.frame.FrameDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** A chat server: sends each line to all other clients. One that does not read is disconnected and delays no other. */
final class ChatServer implements Example {
    private static final int MAX_LINE_BYTES = 4 * 1024;
    private static final int DEFAULT_BACKLOG = 1024 * 1024;
    private static final Option MAX_BACKLOG = Declare.value(
            "max-backlog",
            "Bytes that may wait for one reader; beyond them it is dropped (default " + DEFAULT_BACKLOG + ").");

    private final Arguments arguments;
    private final int maxBacklog;

    ChatServer(Arguments arguments) {
        this.arguments = arguments;
        maxBacklog = arguments.intOf(MAX_BACKLOG, DEFAULT_BACKLOG, MAX_LINE_BYTES + 1, Integer.MAX_VALUE);
    }

    static Syntax syntax() {
        return Servers.syntax("chat-server", "Passes each line on to everybody else.", MAX_BACKLOG);
    }

    @Override
    public int run(Console console) throws IOException {
        return Servers.run(
                arguments, TcpServer.builder().options(limits(maxBacklog)).handler(new Room()));
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
