package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.LoopError;
import io.millio.net.ConnectionOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A server on a loop of its own thread, clients with sockets, and the check that nothing is left of them. */
abstract class HttpCase {
    final List<LoopError> errors = new CopyOnWriteArrayList<>();
    HttpOptions options = HttpOptions.DEFAULT;
    ConnectionOptions connectionOptions = ConnectionOptions.DEFAULT;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private @Nullable EventLoop loop;
    private boolean errorsExpected;

    EventLoop loop() {
        EventLoop known = loop;
        if (known == null) {
            known = EventLoop.builder().direct().errorHandler(errors::add).build();
            known.start();
            loop = known;
        }
        return known;
    }

    HttpServer serve(HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .loop(loop())
                .options(options)
                .connectionOptions(connectionOptions)
                .handler(handler)
                .start();
        opened.add(server);
        return server;
    }

    /** Serves with a handler that may answer after it has returned. */
    HttpServer serveLater(HttpHandler handler) throws IOException {
        return serve((request, response) -> {
            response.later();
            handler.handle(request, response);
        });
    }

    Raw connect(HttpServer server) throws IOException {
        Raw client = new Raw(server);
        opened.add(0, client);
        return client;
    }

    void expectErrors() {
        errorsExpected = true;
    }

    static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > 20_000_000_000L) {
                throw new AssertionError("waited in vain until " + what);
            }
            LockSupport.parkNanos(50_000);
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        if (loop != null) {
            loop.close();
            assertThat(loop.stats().registrations()).as("registrations left").isZero();
            assertThat(loop.stats().timers()).as("timers left").isZero();
        }
        if (!errorsExpected) {
            assertThat(errors).isEmpty();
        }
    }
}
