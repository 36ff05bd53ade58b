package io.millio.examples;

import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.http.Compression;
import io.millio.http.EventStream;
import io.millio.http.FileHandler;
import io.millio.http.HttpHandler;
import io.millio.http.HttpOptions;
import io.millio.http.HttpServer;
import io.millio.http.Router;
import io.millio.net.WriteResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.cli.Option;

/** A small JSON service: uploads to a folder that is served, an event for each, errors in JSON; drains at its end. */
record Service(Arguments arguments, Set<EventStream> listeners) implements Example {
    private static final Option FILES = Declare.value("files", "DIRECTORY", "Keeps uploads (default: a new one).");
    private static final String JSON = "application/json";
    static final HttpOptions OPTIONS = HttpOptions.DEFAULT
            .withMaxBodyBytes(1 << 30)
            .withCompression(Compression.DEFAULT)
            .withResponseFilter((request, response) -> response.header("Access-Control-Allow-Origin", "*"))
            .withErrorRenderer((request, response, status, failure) -> {
                response.contentType(JSON);
                return ("{\"status\":" + status + "}\n").getBytes(StandardCharsets.US_ASCII);
            });

    Service(Arguments arguments) {
        this(arguments, ConcurrentHashMap.newKeySet());
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("service", "A small JSON service with uploads and events, on mill-http.");
        AddressOptions.addTo(syntax);
        syntax.add(FILES);
        EntranceOptions.addTo(syntax);
        NetOptions.addTo(syntax);
        AdminOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        Path given = arguments.pathOf(FILES);
        Path folder = given == null ? Files.createTempDirectory("uploads") : given;
        NetOptions options = new NetOptions(arguments);
        EntranceOptions entrance = new EntranceOptions(arguments);
        AdminOptions admin = new AdminOptions(arguments);
        var builder = HttpServer.builder().address(new AddressOptions(arguments).address());
        try (EventLoopGroup loops = options.openLoops()) {
            builder.options(OPTIONS).handler(handler(folder)).loops(loops);
            HttpServer server = entrance.applyTo(builder).start();
            admin.dump(server::dump);
            Servers.run(options, entrance, admin, loops, server.localAddress(), server::close);
        }
        return 0;
    }

    HttpHandler handler(Path folder) throws IOException {
        return Router.builder()
                .get("/health", (request, response) -> response.send("ok\n"))
                .get("/files/{path...}", FileHandler.of(folder).namedBy("path"))
                .post("/files", HttpHandler.async((request, response) -> {
                    String name = UUID.randomUUID().toString();
                    return request.bodyTo(folder.resolve(name)).thenAccept(bytes -> {
                        String json = "{\"file\":\"/files/" + name + "\",\"bytes\":" + bytes + "}";
                        for (EventStream each : listeners) {
                            if (each.send("upload", name, json) == WriteResult.PAUSE) {
                                each.close(); // it does not keep up
                            }
                        }
                        response.status(201).contentType(JSON).send(json + "\n");
                    });
                }))
                .get("/events", (request, response) -> {
                    EventStream stream = EventStream.start(request, response).heartbeat(Duration.ofSeconds(15));
                    listeners.add(stream);
                    stream.onClosed(() -> listeners.remove(stream));
                })
                .build();
    }
}
