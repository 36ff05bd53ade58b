package io.millio.bench.siege;

import static io.millio.bench.siege.Script.Then.HOLD;
import static io.millio.bench.siege.Script.Then.READ_TO_END;
import static io.millio.bench.siege.Script.Then.REOPEN;
import static io.millio.bench.siege.Script.Then.REPEAT;
import static io.millio.bench.siege.Script.Then.RESET;

import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** The attacks: what they send is their {@link #script}, and how many connections they hold by default. */
enum Attack {
    UNFINISHED_FRAMES(Protocol.LINE, 400, "1 MB of a line that never ends"),
    SLOW_READERS(Protocol.LINE, 400, "16 answers of 1 MB requested, none read"),
    BROADCAST(Protocol.LINE, 1_000, "subscribers that do not read what the victim broadcasts"),
    PIPELINED(Protocol.LINE, 400, "8 MB of small requests, no answer read"),
    IDLE(Protocol.LINE, 10_000, "connections that send nothing"),
    RESET_STORM(Protocol.LINE, 200, "connections that send a request and are reset, at most 50,000"),
    HTTP_HEADS(Protocol.HTTP, 4_000, "7 KB of a head that never ends"),
    HTTP_BODIES(Protocol.HTTP, 400, "a body of 1 MB that stops before its last byte"),
    HTTP_SLOW_READERS(Protocol.HTTP, 400, "16 answers of 1 MB requested, none read"),
    HTTP_PIPELINED(Protocol.HTTP, 400, "8 MB of small requests, no answer read"),
    HEADER_FLOODS(Protocol.HTTP, 200, "heads of 20,000 fields, again and again, at most 20,000 connections"),
    HALF_HANDSHAKES(Protocol.TLS, 4_000, "a TLS ClientHello, and then silence");

    private static final int UNFINISHED_BYTES = LineCommands.MAX_LINE_BYTES - 1_000;
    private static final int UNANSWERED_BYTES = 8 << 20;
    private static final int STORM_CONNECTIONS = 50_000;
    private static final int PEACEFUL_CONNECTIONS = 16;
    private static final int FLOOD_CONNECTIONS = 20_000;
    private static final String BIG_LINE = "BIG " + HttpRoutes.BIG_BYTES + "\n";
    private static final String BIG_GET = "GET " + HttpRoutes.BIG + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String SUBSCRIBE = "SUBSCRIBE\n";

    final Protocol protocol;

    /** How many are held at a time. */
    final int connections;

    final String description;

    Attack(Protocol protocol, int connections, String description) {
        this.protocol = protocol;
        this.connections = connections;
        this.description = description;
    }

    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Script script() {
        String host = " HTTP/1.1\r\nHost: localhost\r\n";
        return switch (this) {
            case UNFINISHED_FRAMES -> Script.of(HOLD, "ECHO ").repeating("x".repeat(1_000), UNFINISHED_BYTES);
            case SLOW_READERS -> Script.of(HOLD, BIG_LINE.repeat(16));
            case BROADCAST -> Script.of(HOLD, SUBSCRIBE);
            case PIPELINED -> Script.of(HOLD, "").repeating("ECHO " + "x".repeat(58) + "\n", UNANSWERED_BYTES);
            case IDLE -> Script.of(HOLD, "");
            case RESET_STORM -> Script.of(RESET, "ECHO x\n").withMaxConnections(STORM_CONNECTIONS);
            case HTTP_HEADS -> Script.of(HOLD, "GET /" + host).repeating("X-Field: " + "x".repeat(989) + "\r\n", 7_000);
            case HTTP_BODIES ->
                Script.of(HOLD, "POST /" + host + "Content-Length: 1000000\r\n\r\n")
                        .repeating("x".repeat(1_000), 999_999);
            case HTTP_SLOW_READERS -> Script.of(HOLD, BIG_GET.repeat(16));
            case HTTP_PIPELINED -> Script.of(HOLD, "").repeating("GET /" + host + "\r\n", UNANSWERED_BYTES);
            case HEADER_FLOODS ->
                Script.of(READ_TO_END, "GET /" + host)
                        .repeating("X-Field: value\r\n", 20_000 * 16)
                        .withMaxConnections(FLOOD_CONNECTIONS);
            case HALF_HANDSHAKES -> Script.of(HOLD, clientHello());
        };
    }

    /**
     * As busy as the attack, with the same kind of answers, but well-behaved: each is read before the next request. Of
     * TLS the first answer only, by connections that leave then.
     */
    Script peaceful() {
        return switch (this) {
            case SLOW_READERS -> Script.of(REPEAT, BIG_LINE).withAnswers(HttpRoutes.BIG_BYTES);
            case HTTP_SLOW_READERS -> Script.of(REPEAT, BIG_GET).withAnswers(HttpRoutes.BIG_BYTES);
            case BROADCAST -> Script.of(READ_TO_END, SUBSCRIBE);
            case HALF_HANDSHAKES -> Script.of(REOPEN, clientHello());
            default -> Script.of(REPEAT, ByteBuffer.wrap(protocol.request()));
        };
    }

    /** How many connections the peaceful load has: as many as attack where they attack by large answers. */
    int peacefulConnections(int attacking) {
        return switch (this) {
            case SLOW_READERS, HTTP_SLOW_READERS, BROADCAST -> attacking;
            default -> PEACEFUL_CONNECTIONS;
        };
    }

    private static ByteBuffer clientHello() {
        try {
            SSLEngine engine = SSLContext.getDefault().createSSLEngine();
            engine.setUseClientMode(true);
            ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), hello);
            return hello.flip();
        } catch (NoSuchAlgorithmException | SSLException e) {
            throw new IllegalStateException("no TLS in this Java", e);
        }
    }
}
