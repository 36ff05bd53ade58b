package io.millio.faults.scenario;

import io.millio.EventLoopBuilder;
import io.millio.faults.FaultKind;
import io.millio.faults.FaultPoint;
import io.millio.http.FileHandler;
import io.millio.http.HttpOptions;
import io.millio.http.HttpRequest;
import io.millio.http.HttpServer;
import io.millio.testkit.SimHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An HTTP server, with requests one after the other and pipelined; two clients send what is refused. */
final class HttpScenario extends NetScenario {
    private static final String WHOLE = "GET /whole HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String BODY =
            "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n" + "0123456789".repeat(6);
    private static final String CHUNKED =
            "POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n";
    private static final String STREAM = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String LATE = "GET /late HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String FILE = "GET /file.txt HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String MISSING = "GET /missing HTTP/1.1\r\nHost: a\r\n\r\n";

    private final Path directory;
    private final FileHandler files;

    /** By number, from the first run, which has no fault. */
    private final Map<Integer, List<String>> expected = new HashMap<>();

    private final Map<Integer, HttpPeer> peers = new HashMap<>();
    private final List<HttpRequest> handled = new ArrayList<>();
    private final List<HttpRequest> logged = new ArrayList<>();

    HttpScenario() throws IOException {
        directory = Files.createTempDirectory("faults");
        Path file = Files.writeString(directory.resolve("file.txt"), "the content of a file");
        directory.toFile().deleteOnExit();
        file.toFile().deleteOnExit();
        files = FileHandler.of(directory);
    }

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return builder.direct().computePool(computePool());
    }

    /** A failure of the network is seen by the client, whose connection ends, and is reported to no other party. */
    @Override
    boolean isReported() {
        return FaultPoint.kind() == FaultKind.TRANSPORT_IO || super.isReported();
    }

    @Override
    int maxConnections() {
        return 4;
    }

    @Override
    Server start() throws IOException {
        handled.clear();
        logged.clear();
        HttpEchoHandler handler = new HttpEchoHandler(files);
        HttpServer started = HttpServer.builder()
                .address(server.address(7))
                .loop(loop)
                .connectionOptions(options())
                .maxConnections(maxConnections())
                .options(HttpOptions.DEFAULT.withAccessLog(
                        (request, status, bytes, complete, nanos) -> logged.add(request)))
                .handler((request, response) -> {
                    handled.add(request);
                    handler.handle(request, response);
                })
                .start();
        return new Server(started::connections, started::close);
    }

    @Override
    Peer newPeer(SimHost host, int number) throws IOException {
        List<String> requests = switch (number) {
            case 1 -> List.of(WHOLE, BODY, FILE);
            case 3 -> List.of(STREAM, LATE, FILE, CHUNKED, MISSING, WHOLE);
            default -> List.of(BODY, STREAM, FILE);
        };
        HttpPeer peer = new HttpPeer(network, host, server.address(7), requests, expected.get(number));
        peers.put(number, peer);
        return peer;
    }

    @Override
    void disturb(SimHost host) throws IOException {
        List<Peer> others = new ArrayList<>();
        for (String each :
                List.of("GET / HTTP/1.1\r\n\r\n", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")) {
            others.add(new HttpPeer(network, host, server.address(7), List.of(each), null));
        }
        network.after(Duration.ofMillis(200), () -> others.forEach(Peer::close));
    }

    @Override
    void checkRest() throws Exception {
        super.checkRest();
        for (HttpRequest each : handled) {
            int times = Collections.frequency(logged, each);
            expect(times == 1 || times == 0 && isReported(), "the access log was called " + times + " times");
        }
        peers.forEach((number, peer) -> expected.putIfAbsent(number, peer.responses()));
        expect(String.valueOf(expected.get(3)).contains("abcdefgh"), "the responses: " + expected);
    }
}
