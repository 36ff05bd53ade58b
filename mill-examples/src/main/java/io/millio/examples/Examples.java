package io.millio.examples;

import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Syntax;
import java.util.List;

/**
 * The examples by their names. Each class is loaded when it is asked for: to load them all would take longer than the
 * rest of a start.
 */
final class Examples {
    /** In the order of the list. */
    static final List<String> NAMES = List.of(
            "echo-server",
            "unix-echo-server",
            "udp-echo-server",
            "net-echo-server",
            "net-echo-client",
            "pooled-client",
            "chat-server",
            "tcp-proxy",
            "socks-proxy",
            "redis-server",
            "shaped-transfer",
            "http-server",
            "service",
            "jsonrpc-server",
            "jsonrpc-client",
            "file-watcher");

    private Examples() {}

    /** What an example understands. */
    static Syntax syntax(String name) {
        return switch (name) {
            case "echo-server" -> EchoServer.syntax();
            case "unix-echo-server" -> UnixEchoServer.syntax();
            case "udp-echo-server" -> UdpEchoServer.syntax();
            case "net-echo-server" -> NetEchoServer.syntax();
            case "net-echo-client" -> NetEchoClient.syntax();
            case "pooled-client" -> PooledClient.syntax();
            case "chat-server" -> ChatServer.syntax();
            case "tcp-proxy" -> TcpProxy.syntax();
            case "socks-proxy" -> SocksProxy.syntax();
            case "redis-server" -> RedisServer.syntax();
            case "shaped-transfer" -> ShapedTransfer.syntax();
            case "http-server" -> HttpServerExample.syntax();
            case "service" -> Service.syntax();
            case "jsonrpc-server" -> JsonRpcServerExample.syntax();
            case "jsonrpc-client" -> JsonRpcClientExample.syntax();
            case "file-watcher" -> FileWatcherExample.syntax();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** The example that the arguments are for; throws a usage exception where a value is wrong. */
    static Example example(Arguments arguments) {
        return switch (arguments.program()) {
            case "echo-server" -> new EchoServer(arguments);
            case "unix-echo-server" -> new UnixEchoServer(arguments);
            case "udp-echo-server" -> new UdpEchoServer(arguments);
            case "net-echo-server" -> new NetEchoServer(arguments);
            case "net-echo-client" -> new NetEchoClient(arguments);
            case "pooled-client" -> new PooledClient(arguments);
            case "chat-server" -> new ChatServer(arguments);
            case "tcp-proxy" -> new TcpProxy(arguments);
            case "socks-proxy" -> new SocksProxy(arguments);
            case "redis-server" -> new RedisServer(arguments);
            case "shaped-transfer" -> new ShapedTransfer(arguments);
            case "http-server" -> new HttpServerExample(arguments);
            case "service" -> new Service(arguments);
            case "jsonrpc-server" -> new JsonRpcServerExample(arguments);
            case "jsonrpc-client" -> new JsonRpcClientExample(arguments);
            case "file-watcher" -> new FileWatcherExample(arguments);
            default -> throw new IllegalArgumentException(arguments.program());
        };
    }
}
