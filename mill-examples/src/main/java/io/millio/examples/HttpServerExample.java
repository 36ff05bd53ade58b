package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.http.AccessLog;
import io.millio.http.BodyReader;
import io.millio.http.FileHandler;
import io.millio.http.HttpException;
import io.millio.http.HttpField;
import io.millio.http.HttpHandler;
import io.millio.http.HttpOptions;
import io.millio.http.HttpRequest;
import io.millio.http.HttpResponse;
import io.millio.http.HttpServer;
import io.millio.http.HttpServerBuilder;
import io.millio.http.PreparedResponse;
import io.millio.http.Router;
import io.millio.net.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server: constant answers, an upload that is read as it comes, a stream that waits for its client, and files.
 */
final class HttpServerExample implements Example {
    private static final PreparedResponse PLAINTEXT = constant("text/plain", "Hello, World!");
    private static final PreparedResponse JSON = constant("application/json", "{\"message\":\"Hello, World!\"}");
    private static final PreparedResponse HEALTHY = constant("text/plain", "ok\n");

    private static final long MAX_BUSY_MILLIS = 5_000;
    private static final long DEFAULT_BODY = 4L * 1024 * 1024 * 1024;
    private static final Option FILES = Declare.value("files", "DIRECTORY", "Serves a directory at /files/.");
    private static final Option MAX_BODY =
            Declare.value("max-body", "Bytes of body that a request may have (default " + DEFAULT_BODY + ").");
    private static final Option UPLOAD_RATE = Declare.value(
            "upload-rate",
            "BYTES",
            "Bytes a second that /upload takes at most, each request for itself (default: all that come).");
    private static final Option ACCESS_LOG =
            Declare.flag("access-log", "Writes a line for each request to standard error.");
    private static final Option METRICS =
            Declare.flag("metrics", "Serves the numbers of loops, connections and requests to Prometheus at /metrics.");

    private final AddressOptions where;
    private final @Nullable Path files;
    private final long maxBody;
    private final long uploadRate;
    private final boolean accessLog;
    private final boolean metrics;
    private final EntranceOptions entrance;
    private final NetOptions options;
    private final AdminOptions admin;

    HttpServerExample(Arguments arguments) {
        where = new AddressOptions(arguments);
        files = arguments.pathOf(FILES);
        maxBody = arguments.longOf(MAX_BODY, DEFAULT_BODY, 0);
        uploadRate = arguments.longOf(UPLOAD_RATE, 0, 0);
        accessLog = arguments.has(ACCESS_LOG);
        metrics = arguments.has(METRICS);
        entrance = new EntranceOptions(arguments);
        options = new NetOptions(arguments);
        admin = new AdminOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("http-server", "An HTTP/1.1 server, on mill-http.");
        AddressOptions.addTo(syntax);
        syntax.add(FILES, MAX_BODY, UPLOAD_RATE, ACCESS_LOG, METRICS);
        EntranceOptions.addTo(syntax);
        NetOptions.addTo(syntax);
        AdminOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        ServedMetrics served = metrics ? new ServedMetrics() : null; // whose libraries are loaded only then
        AccessLog log = accessLog ? HttpServerExample::log : null;
        if (served != null) {
            log = served.accessLog(log);
        }
        HttpOptions limits = HttpOptions.DEFAULT.withMaxBodyBytes(maxBody);
        if (log != null) {
            limits = limits.withAccessLog(log);
        }
        try (EventLoopGroup loops = options.openLoops(metrics)) {
            HttpServerBuilder builder = HttpServer.builder()
                    .address(where.address())
                    .loops(loops)
                    .options(limits)
                    .handler(routes(
                            files, uploadRate, served == null ? null : served.handler(loops), options.observe()));
            if (served != null) {
                builder.refusals(served.refusals());
            }
            HttpServer server = entrance.applyTo(builder).start();
            if (served != null) {
                served.bind(server, loops);
            }
            admin.dump(server::dump);
            Servers.run(options, entrance, admin, loops, server.localAddress(), server::close);
        }
        return 0;
    }

    private static void log(HttpRequest request, int status, long bytes, boolean complete, long nanos) {
        System.err.println(Servers.text(request.remoteAddress())
                + " " + request.method() + " " + request.target() + " " + status + " " + bytes + " "
                + nanos / 1000 + " us" + (complete ? "" : " incomplete"));
    }

    private static PreparedResponse constant(String type, String text) {
        return PreparedResponse.of(
                200, List.of(new HttpField("Content-Type", type)), text.getBytes(StandardCharsets.US_ASCII));
    }

    static Router routes(@Nullable Path files, long uploadRate, @Nullable HttpHandler metrics, boolean observe)
            throws IOException {
        HttpHandler upload = (request, response) -> upload(request, response, uploadRate);
        Router.Builder routes = Router.builder()
                .get("/plaintext", (request, response) -> response.send(PLAINTEXT))
                .get("/json", (request, response) -> response.send(JSON))
                .get("/health", (request, response) -> response.send(HEALTHY))
                .get("/stream/{bytes}", HttpServerExample::stream)
                .post("/upload", upload)
                .put("/upload", upload);
        if (files != null) {
            routes.get("/files/{path...}", FileHandler.of(files).namedBy("path"));
        }
        if (metrics != null) {
            routes.get("/metrics", metrics);
        }
        if (observe) {
            routes.get("/busy/{millis}", HttpServerExample::busy);
        }
        return routes.build();
    }

    /** Blocks the loop, as a handler must not: to see what the watchdog and the flight recorder say of that. */
    private static void busy(HttpRequest request, HttpResponse response) throws HttpException, InterruptedException {
        long millis;
        try {
            millis = Math.min(MAX_BUSY_MILLIS, Integer.parseUnsignedInt(String.valueOf(request.parameter("millis"))));
        } catch (NumberFormatException e) {
            throw new HttpException(400, "not a number of milliseconds");
        }
        Thread.sleep(millis);
        response.send("done\n");
    }

    /** Keeps nothing of what comes, but its length and its sum; with a rate it pauses whenever it is ahead of that. */
    private static void upload(HttpRequest request, HttpResponse response, long rate) {
        EventLoop loop = request.connection().loop();
        long beganNanos = loop.nanoTime();
        request.body(new BodyReader() {
            private final CRC32 sum = new CRC32();
            private long length;

            @Override
            public void onData(ByteBuffer bytes) {
                length += bytes.remaining();
                sum.update(bytes);
                if (rate > 0) {
                    long dueMillis = (long) (1e3 * length / rate);
                    long aheadMillis = dueMillis - (loop.nanoTime() - beganNanos) / 1_000_000;
                    if (aheadMillis > 0) {
                        request.pauseBody();
                        loop.schedule(Duration.ofMillis(aheadMillis), request::resumeBody);
                    }
                }
            }

            @Override
            public void onEnd() {
                response.contentType("application/json");
                response.send("{\"bytes\":" + length + ",\"crc32\":\"" + Long.toHexString(sum.getValue()) + "\"}\n");
            }
        });
    }

    /** So many bytes in chunks, made when the client takes them. */
    private static void stream(HttpRequest request, HttpResponse response) throws HttpException {
        long length;
        try {
            length = Long.parseUnsignedLong(String.valueOf(request.parameter("bytes")));
        } catch (NumberFormatException e) {
            throw new HttpException(400, "not a number of bytes");
        }
        Pump pump = new Pump(response, length);
        response.contentType("application/octet-stream");
        response.onWritable(pump);
        response.start();
        pump.run();
    }

    /** Writes lines until a write returns {@link WriteResult#PAUSE}, and continues when it is run again. */
    private static final class Pump implements Runnable {
        private final HttpResponse response;
        private final ByteBuffer part = ByteBuffer.allocate(16 * 1024);
        private long left;

        Pump(HttpResponse response, long length) {
            this.response = response;
            this.left = length;
            for (int i = 0; i < part.capacity(); i++) {
                part.put(i, (byte) (i % 64 == 63 ? '\n' : '.'));
            }
        }

        @Override
        public void run() {
            while (left > 0) {
                int count = (int) Math.min(part.capacity(), left);
                left -= count;
                WriteResult result = response.write(part.clear().limit(count));
                if (result == WriteResult.PAUSE) {
                    return; // runs again when writes may go on
                }
                if (result == WriteResult.CLOSED) {
                    break;
                }
            }
            response.end();
        }
    }
}
