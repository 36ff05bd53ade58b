package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program can ask a connection about its state, a pool of its own for instance. */
class ConnectionQueriesTest extends NetCase {
    @Test
    void knowsTheEndOfEachDirectionAndWhyItEnded() throws Exception {
        needsHalfClose();
        Recorder server = new Recorder();
        server.onInputClosed = Recorder.NOTHING;
        serve(server);
        Recorder client = new Recorder();
        Connection connection = connect(client);
        venue.until("open", () -> server.connection != null);

        assertThat(connection.isOutputShutdown()).isFalse();
        assertThat(server.connection().isInputClosed()).isFalse();
        connection.shutdownOutput();
        assertThat(connection.isOutputShutdown()).isTrue();
        venue.until("input closed", () -> server.connection().isInputClosed());
        assertThat(connection.isInputClosed()).isFalse();

        assertThat(server.connection().closeCause()).isNull();
        server.connection().close();
        venue.until("closed", () -> server.isClosed() && client.isClosed());
        assertThat(server.connection().closeCause()).isEqualTo(server.cause).isEqualTo(CloseCause.PEER);
        assertThat(connection.closeCause()).isEqualTo(client.cause);
    }

    @Test
    void knowsWhetherBytesWereLeftUnread() throws Exception {
        Recorder server = new Recorder();
        server.onData = (connection, bytes) -> {};
        serve(server);
        Recorder client = new Recorder();
        Connection connection = connect(client);
        venue.until("open", () -> server.connection != null);

        assertThat(server.connection().hasUnread()).isFalse();
        connection.write(bytes("left"));
        venue.until("unread", () -> server.connection().hasUnread());
        server.onData = server::takeAll;
        server.connection().pauseReading();
        server.connection().resumeReading();
        venue.until("read", () -> server.text().equals("left"));
        assertThat(server.connection().hasUnread()).isFalse();
        connection.close();
        venue.until("closed", () -> server.isClosed() && client.isClosed());
    }

    @Test
    void countsTheBytesOfTheProgramAndTheTimeWithoutThem(@TempDir Path folder) throws Exception {
        byte[] content = pattern(100_000);
        Path file = Files.write(folder.resolve("sent"), content);
        Recorder server = new Recorder();
        serve(server);
        Recorder client = new Recorder();
        Connection connection = connect(client);
        venue.until("open", () -> server.connection != null);
        assertThat(connection.stats())
                .isEqualTo(new Connection.Stats(0, 0, 0, 0, Duration.ZERO, Duration.ZERO))
                .isEqualTo(server.connection().stats());

        venue.advance(Duration.ofSeconds(2));
        venue.step();
        connection.write(bytes("12345"));
        CompletableFuture<Long> sent = connection.transferFrom(file, 0, content.length);
        venue.until("received", () -> sent.isDone() && server.received.size() == 5 + content.length);
        venue.advance(Duration.ofSeconds(3));
        Duration age = Duration.ofSeconds(5);
        Duration idle = Duration.ofSeconds(3);
        assertThat(connection.stats()).isEqualTo(new Connection.Stats(0, 100_005, 0, 0, age, idle));
        assertThat(server.connection().stats()).isEqualTo(new Connection.Stats(100_005, 0, 0, 0, age, idle));
        connection.close();
        venue.until("closed", () -> server.isClosed() && client.isClosed());
    }

    @Test
    void countsWhatIsQueuedAndWhatIsUnread() throws Exception {
        Recorder server = new Recorder();
        server.onData = (connection, bytes) -> connection.pauseReading();
        serve(server);
        Recorder client = new Recorder();
        StreamConnection connection = (StreamConnection) connect(client);
        venue.until("open", () -> server.connection != null);
        StreamConnection accepted = (StreamConnection) server.connection();
        assertThat(ConnectionGroup.stageOf(accepted)).isEqualTo("open");
        connection.write(bytes("left"));
        venue.until("unread", accepted::hasUnread);
        assertThat(accepted.stats().unreadBytes()).isEqualTo(4);
        assertThat(ConnectionGroup.stageOf(accepted)).isEqualTo("paused");
        assertThat(connection.queuedBytes()).isZero();

        connection.write(bytes("queued"));
        assertThat(connection.stats().queuedBytes()).isEqualTo(6); // by this thread, which is in no turn
        connection.close();
        assertThat(ConnectionGroup.stageOf(connection)).isEqualTo("closing");
        server.onData = server::takeAll;
        accepted.resumeReading();
        venue.until("closed", () -> server.isClosed() && client.isClosed());
        assertThat(server.text()).isEqualTo("leftqueued");
        assertThat(accepted.stats().bytesRead()).isEqualTo(10);
        assertThat(connection.stats().bytesWritten()).isEqualTo(10);
        assertThat(ConnectionGroup.stageOf(connection)).isEqualTo("ended");
    }
}
