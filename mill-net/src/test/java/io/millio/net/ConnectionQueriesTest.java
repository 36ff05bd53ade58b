package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

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
}
