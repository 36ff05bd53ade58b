package io.millio.bench.jsonrpc;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.examples.jsonrpc.ExampleMethods;
import io.millio.examples.jsonrpc.Framing;
import io.millio.examples.jsonrpc.JsonRpc;
import io.millio.examples.jsonrpc.RpcConnections;
import io.millio.net.TcpServer;
import io.millio.transport.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server in a separate process, so that its cost is measured separately from that of the load. */
final class RpcServerProcess implements AutoCloseable {
    private static final long NANOS_PER_TICK = 10_000_000; // the kernel reports times in hundredths of a second

    final int port;
    private final Process process;

    private RpcServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts one. */
    static RpcServerProcess start(RpcSubject subject, List<String> jvmOptions) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), RpcServerProcess.class.getName(), subject.title));
        Process process =
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        String line =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
        if (line == null) {
            throw new IOException(subject.title + " has not started");
        }
        return new RpcServerProcess(process, Integer.parseInt(line));
    }

    /** The processor time that it has used, user and system. */
    long cpuNanos() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(afterName[11]) + Long.parseLong(afterName[12])) * NANOS_PER_TICK;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    // ---- in that process

    public static void main(String[] args) throws Exception {
        RpcSubject subject = RpcSubject.of(args[0]);
        JsonRpc service = ExampleMethods.addTo(JsonRpc.builder()).build();
        int port = subject.isMill()
                ? mill(service, subject == RpcSubject.MILL_EPOLL ? "epoll" : "nio")
                : NettyRpcServer.start(service, subject);
        System.out.println(port);
        System.out.flush();
        while (System.in.read() >= 0) { // ends with the process that started it
        }
        System.exit(0);
    }

    @SuppressWarnings("MustBeClosedChecker")
    private static int mill(JsonRpc service, String transport) throws IOException {
        EventLoopGroup loops = EventLoop.builder()
                .direct()
                .transport(Transport.named(transport))
                .buildGroup(1);
        loops.start();
        RpcConnections connections = new RpcConnections(service, Framing.LINE, 64);
        TcpServer server = TcpServer.builder()
                .address("127.0.0.1", 0)
                .loops(loops)
                .options(connections.options())
                .handlers(connection -> connections.newHandler())
                .start();
        return ((InetSocketAddress) server.localAddress()).getPort();
    }
}
