package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Parameter;
import io.millio.examples.cli.Syntax;
import io.millio.examples.cli.UsageException;
import io.millio.examples.jsonrpc.Framing;
import io.millio.examples.jsonrpc.RpcMessages;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.TcpClient;
import io.millio.net.frame.FrameDecoder;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** Makes one call to a JSON-RPC server over TCP. */
final class JsonRpcClientExample implements Example {
    private static final int MAX_ANSWER_BYTES = 64 << 20;

    private static final int DEFAULT_SECONDS = 10;
    private static final Option FRAMING = Declare.value("framing", "line or length (default line).");
    private static final Option NOTIFY = Declare.flag("notify", "Wants no answer, and waits for none.");
    private static final Option SECONDS =
            Declare.value("seconds", "How long to wait (default " + DEFAULT_SECONDS + ").");

    private final String server;
    private final String method;
    private final @Nullable String params;
    private final Framing framing;
    private final boolean notify;
    private final int seconds;
    private final TrustOptions trust;
    private final NetOptions options;

    private @Nullable Throwable failed;
    private RpcMessages.@Nullable Answer answer;

    JsonRpcClientExample(Arguments arguments) {
        List<String> parameters = arguments.parameters();
        server = parameters.get(0);
        method = parameters.get(1);
        params = parameters.size() > 2 ? parameters.get(2) : null;
        framing = arguments.enumOf(FRAMING, Framing.values(), Framing.LINE);
        notify = arguments.has(NOTIFY);
        seconds = arguments.intOf(SECONDS, DEFAULT_SECONDS, 1, Integer.MAX_VALUE);
        trust = new TrustOptions(arguments);
        options = new NetOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("jsonrpc-client", "Makes one call by JSON-RPC 2.0 and prints its result.");
        syntax.add(Parameter.one("HOST:PORT", "The server."));
        syntax.add(Parameter.one("METHOD", "What to call."));
        syntax.add(Parameter.optional("PARAMS", "Parameters, an array or an object as JSON: '[42, 23]'."));
        syntax.add(FRAMING, NOTIFY, SECONDS);
        TrustOptions.addTo(syntax);
        NetOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        int colon = server.lastIndexOf(':');
        ByteBuffer request;
        try (EventLoopGroup loops = options.openLoops()) {
            request = RpcMessages.request(method, params, notify);
            EventLoop loop = loops.loops().get(0);
            try (TcpClient client = trust.applyTo(TcpClient.builder()
                            .loop(loop)
                            .options(ConnectionOptions.DEFAULT.withMaxUnreadBytes(4 * MAX_ANSWER_BYTES)))
                    .build()) {
                CompletableFuture<?> unused = client.connect(host(colon), port(colon), new OneCall(request))
                        .whenComplete((connection, failure) -> {
                            if (failure != null) {
                                fail(loop, failure);
                            }
                        });
                loop.schedule(
                        Duration.ofSeconds(seconds),
                        () -> fail(loop, new SocketTimeoutException("no answer within " + seconds + " s")));
                loop.run();
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
        if (failed != null) {
            throw new IOException(Servers.reason(failed), failed);
        }
        return answer == null ? 0 : report(answer, console);
    }

    private String host(int colon) {
        if (colon < 1) {
            throw new IllegalArgumentException(server + " is not HOST:PORT");
        }
        String host = server.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private int port(int colon) {
        int port;
        try {
            port = Integer.parseInt(server.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(server + " is not HOST:PORT", e);
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("HOST:PORT: " + port + " is not between 1 and 65535");
        }
        return port;
    }

    private int report(RpcMessages.Answer of, Console console) {
        if (of.error() != null) {
            console.err().println(options.command() + ": " + of.error());
            console.err().flush();
            return 1;
        }
        console.out().println(of.result());
        console.out().flush();
        return 0;
    }

    private void fail(EventLoop loop, Throwable failure) {
        if (failed == null && answer == null) {
            failed =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        }
        loop.stop();
    }

    /** The connection. */
    private final class OneCall implements ConnectionHandler {
        private final FrameDecoder decoder = framing.decoder(MAX_ANSWER_BYTES);
        private final ByteBuffer request;

        OneCall(ByteBuffer request) {
            this.request = request;
        }

        @Override
        public void onOpen(Connection connection) {
            framing.write(connection, request);
            if (notify) {
                connection.close();
            }
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) throws Exception {
            decoder.decode(connection, bytes, (from, message) -> {
                try {
                    answer = RpcMessages.answer(message);
                } catch (IllegalArgumentException e) {
                    failed = e;
                }
                from.close();
            });
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            if (answer == null && !(notify && cause == CloseCause.LOCAL)) {
                fail(
                        connection.loop(),
                        Objects.requireNonNullElseGet(
                                failure, () -> new IOException("the server closed the connection: " + cause)));
            }
            connection.loop().stop();
        }
    }
}
