package io.millio.bench.http;

import io.millio.bench.http.server.Server;
import io.millio.bench.http.server.ServerProgram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A server in a process of its own, on the first processor. One thread. */
final class ServerProcess implements AutoCloseable {
    private static final int PROCESSOR = 0;
    private static final int SECONDS = 60;
    private static final String SOURCE = "limit.c";

    /**
     * Of each JVM. The collector is the usual one, which a JVM on one processor would not choose, and the heap's pages
     * are there before anything is measured. Netty may use Unsafe, as it would like to, and looks for no leaks.
     */
    private static final List<String> JVM_OPTIONS = List.of(
            "-Xms256m",
            "-Xmx256m",
            "-XX:+UseG1GC",
            "-XX:+AlwaysPreTouch",
            "-XX:AutoBoxCacheMax=8192",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.noUnsafe=false",
            "-Dio.netty.leakDetection.level=disabled");

    private final Server server;
    private final Child process;
    private final int port;

    private ServerProcess(Server server, Child process, int port) {
        this.server = server;
        this.process = process;
        this.port = port;
    }

    /**
     * Starts one; it listens when this returns.
     *
     * @param folder for its log, and for the program of the limit
     */
    static ServerProcess start(Server server, Path folder) throws IOException, InterruptedException {
        List<String> command = server == Server.LIMIT
                ? List.of(compile(folder).toString())
                : Child.java(ServerProgram.class, JVM_OPTIONS, server.name());
        Child process = Child.start(server.label(), command, PROCESSOR, folder.resolve(server.label() + ".log"));
        try {
            return new ServerProcess(server, process, Integer.parseInt(process.line(ServerProgram.PORT, SECONDS)));
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.close();
            throw e;
        }
    }

    /** Compiles the limit; the path is absolute, as a command must be. */
    private static Path compile(Path folder) throws IOException, InterruptedException {
        if (!Child.has("gcc")) {
            throw new IOException("there is no gcc to compile it");
        }
        Path source = folder.resolve(SOURCE).toAbsolutePath();
        Path program = source.resolveSibling("limit");
        try (InputStream from = Server.class.getResourceAsStream(SOURCE)) {
            if (from == null) {
                throw new IOException(SOURCE + " is not on the class path");
            }
            Files.copy(from, source, StandardCopyOption.REPLACE_EXISTING);
        }
        int exit = new ProcessBuilder("gcc", "-O2", "-o", program.toString(), source.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("gcc has failed with " + exit);
        }
        return program;
    }

    Server server() {
        return server;
    }

    int port() {
        return port;
    }

    /** Returns the CPU time that it has used since it began, in nanoseconds. */
    long cpuNanos() throws IOException {
        return CpuClock.nanos(process.pid());
    }

    /** Collects its garbage, and returns the bytes of the heap that are in use then. Not for the limit. */
    long heapBytes() throws IOException, InterruptedException {
        process.send("heap");
        return Long.parseLong(process.line(ServerProgram.HEAP, SECONDS));
    }

    @Override
    public void close() {
        process.close();
    }
}
