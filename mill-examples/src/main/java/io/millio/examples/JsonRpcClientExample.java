package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.examples.jsonrpc.Framing;
import io.millio.examples.jsonrpc.RpcMessages;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.FrameDecoder;
import io.millio.net.TcpClient;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes one call to a JSON-RPC server over TCP. */
@Command(
        name = "jsonrpc-client",
        description = "Makes one call by JSON-RPC 2.0 and prints its result.",
        sortOptions = false)
final class JsonRpcClientExample implements Callable<Integer> {
    private static final int MAX_ANSWER_BYTES = 64 << 20;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "HOST:PORT", description = "The server.")
    private String server;

    @Parameters(index = "1", paramLabel = "METHOD", description = "What to call.")
    private String method;

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "PARAMS",
            description = "Parameters, an array or an object as JSON: '[42, 23]'.")
    private @Nullable String params;

    @Option(names = "--framing", defaultValue = "line", description = "line or length (default ${DEFAULT-VALUE}).")
    private Framing framing;

    @Option(names = "--notify", description = "Wants no answer, and waits for none.")
    private boolean notify;

    @Option(names = "--seconds", defaultValue = "10", description = "How long to wait (default ${DEFAULT-VALUE}).")
    private int seconds;

    @Mixin
    private TrustOptions trust;

    @Mixin
    private NetOptions options;

    private @Nullable Throwable failed;
    private RpcMessages.@Nullable Answer answer;

    @Override
    public Integer call() throws IOException {
        options.atLeast(1, seconds, "--seconds");
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
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        if (failed != null) {
            throw new IOException(Servers.reason(failed), failed);
        }
        return answer == null ? 0 : report(answer);
    }

    private String host(int colon) {
        if (colon < 1) {
            throw new IllegalArgumentException(server + " is not HOST:PORT");
        }
        String host = server.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private int port(int colon) {
        try {
            return options.port(Integer.parseInt(server.substring(colon + 1)), "HOST:PORT");
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(server + " is not HOST:PORT", e);
        }
    }

    private int report(RpcMessages.Answer of) {
        if (of.error() != null) {
            spec.commandLine().getErr().println(spec.name() + ": " + of.error());
            spec.commandLine().getErr().flush();
            return 1;
        }
        spec.commandLine().getOut().println(of.result());
        spec.commandLine().getOut().flush();
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
