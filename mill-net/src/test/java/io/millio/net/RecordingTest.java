package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.pool.ConnectionPool;
import io.millio.net.tls.Certificates;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording has of connections. */
class RecordingTest extends NetCase {
    @TempDir
    Path folder;

    private interface Action {
        void run() throws Exception;
    }

    private List<RecordedEvent> record(Action action, String... names) throws Exception {
        Path file = folder.resolve("events.jfr");
        try (Recording recording = new Recording()) {
            Stream.of(names).forEach(name -> recording.enable("io.millio." + name));
            recording.start();
            action.run();
            recording.stop();
            recording.dump(file);
        }
        List<String> wanted = Stream.of(names).map("io.millio."::concat).toList();
        return RecordingFile.readAllEvents(file).stream()
                .filter(each -> wanted.contains(each.getEventType().getName()))
                .toList();
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(each -> each.getEventType().getName().equals("io.millio." + name))
                .toList();
    }

    @Test
    void beginningAndEndOfConnections() throws Exception {
        Recorder server = new Recorder();
        serve(server);
        Recorder client = new Recorder();
        List<RecordedEvent> events = record(
                () -> {
                    Connection connection = connect(client);
                    connection.write(bytes("123"));
                    venue.until("received", () -> server.text().equals("123"));
                    venue.advance(Duration.ofSeconds(2));
                    connection.close();
                    venue.until("closed", () -> server.isClosed() && client.isClosed());
                },
                "ConnectionOpened",
                "ConnectionClosed",
                "TlsHandshake");
        assertThat(named(events, "ConnectionOpened")).hasSize(2).allSatisfy(each -> {
            assertThat(each.getString("remote")).startsWith("127.0.0.1:");
            assertThat(each.getString("local")).startsWith("127.0.0.1:");
            assertThat(each.getString("loop")).isNotEmpty();
        });
        assertThat(named(events, "ConnectionClosed"))
                .hasSize(2)
                .allSatisfy(each -> {
                    assertThat(each.getDuration("age")).isEqualTo(Duration.ofSeconds(2));
                    assertThat(each.getString("failure")).isNull();
                })
                .extracting(each -> each.getString("cause"))
                .contains("PEER");
        assertThat(named(events, "ConnectionClosed"))
                .extracting(each -> each.getLong("bytesRead"))
                .containsExactlyInAnyOrder(3L, 0L);
        assertThat(named(events, "ConnectionClosed"))
                .extracting(each -> each.getLong("bytesWritten"))
                .containsExactlyInAnyOrder(3L, 0L);
        List<RecordedEvent> handshakes = named(events, "TlsHandshake");
        assertThat(handshakes)
                .extracting(each -> each.getBoolean("client"))
                .containsExactlyInAnyOrder(kind.isEncrypted() ? new Boolean[] {true, false} : new Boolean[0]);
        assertThat(handshakes).allSatisfy(each -> {
            assertThat(each.getString("protocol")).isEqualTo(kind.protocol());
            assertThat(each.getString("cipherSuite")).startsWith("TLS_");
            assertThat(each.getString("failure")).isNull();
        });
    }

    @Test
    void connectionsThatNeverOpen() throws Exception {
        needsPlain();
        serverTls = Certificates.server().build();
        serve(new Recorder());
        Recorder client = new Recorder();
        List<RecordedEvent> events = record(
                () -> {
                    Connection connection = connect(client);
                    connection.write(bytes("this is no TLS at all"));
                    venue.until("refused", () -> !refused.isEmpty() && client.isClosed());
                },
                "ConnectionRefused",
                "TlsHandshake");
        assertThat(named(events, "ConnectionRefused")).hasSize(1).allSatisfy(each -> {
            assertThat(each.getString("reason")).isEqualTo("TLS_FAILED");
            assertThat(each.getString("remote")).startsWith("127.0.0.1:");
            assertThat(each.getString("failure")).isNotEmpty();
        });
        assertThat(named(events, "TlsHandshake")).hasSize(1).allSatisfy(each -> {
            assertThat(each.getBoolean("client")).isFalse();
            assertThat(each.getString("protocol")).isNull();
            assertThat(each.getString("failure")).isNotEmpty();
        });
    }

    @Test
    void writersThatMustPauseOnceUntilTheyMayGoOn() throws Exception {
        options = options.withWatermarks(1000, 2000);
        Recorder server = new Recorder();
        serve(server);
        Recorder client = new Recorder();
        Connection connection = connect(client);
        List<RecordedEvent> events = record(
                () -> {
                    for (int i = 0; i < 3; i++) {
                        connection.write(ByteBuffer.allocate(1500));
                    }
                    venue.until("written", () -> server.received.size() == 4500);
                    venue.until("writable", () -> client.callbacks.contains("writable"));
                    connection.write(ByteBuffer.allocate(2001));
                    venue.until("written", () -> server.received.size() == 6501);
                },
                "WritePaused");
        assertThat(events).extracting(each -> each.getLong("queued")).containsExactly(3000L, 2001L);
        assertThat(events)
                .allSatisfy(each -> assertThat(each.getString("connection")).isEqualTo(connection.toString()));
        connection.close();
        venue.until("closed", () -> server.isClosed() && client.isClosed());
    }

    @Test
    void requestsToAPoolThatWait() throws Exception {
        Recorder server = new Recorder();
        serve(server);
        List<RecordedEvent> events = record(
                () -> {
                    ConnectionPool pool = ConnectionPool.builder(client())
                            .acquireTimeout(Duration.ofSeconds(1))
                            .maxPerEndpoint(1)
                            .build();
                    CompletableFuture<?> first = pool.acquire(address(), (connection, bytes) -> {});
                    venue.until("acquired", first::isDone);
                    CompletableFuture<?> second = pool.acquire(address(), (connection, bytes) -> {});
                    venue.step();
                    venue.advance(Duration.ofSeconds(2));
                    venue.until("timed out", second::isDone);
                    CompletableFuture<Boolean> closed = pool.close(Duration.ZERO);
                    venue.step();
                    venue.advance(Duration.ofSeconds(1));
                    venue.until("closed", closed::isDone);
                },
                "PoolAcquire");
        assertThat(events).hasSize(1).allSatisfy(each -> {
            assertThat(each.getString("endpoint")).startsWith("127.0.0.1:");
            assertThat(each.getDuration("elapsed")).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
            assertThat(each.getString("outcome")).startsWith("java.util.concurrent.TimeoutException");
        });
    }
}
