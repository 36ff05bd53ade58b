package io.millio.bench.http;

import io.millio.bench.http.load.Load;
import io.millio.bench.http.load.LoadProgram;
import io.millio.bench.http.load.Profile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The load in a process of its own, on the last processor: one for all servers, so that it is warm. One thread. */
final class LoadProcess implements AutoCloseable {
    private static final int SECONDS = 120;
    private static final List<String> JVM_OPTIONS =
            List.of("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:AutoBoxCacheMax=8192");

    private final Child process;

    LoadProcess(Path folder) throws IOException {
        process = Child.start(
                "load",
                Child.java(LoadProgram.class, JVM_OPTIONS),
                Runtime.getRuntime().availableProcessors() - 1,
                folder.resolve("load.log"));
    }

    /** Opens connections; each has one request answered. */
    void open(int port, Profile profile) throws IOException, InterruptedException {
        command("open " + port + " " + profile.name());
    }

    /** Sends requests on the connections that are open. */
    Load.Result run(int millis) throws IOException, InterruptedException {
        String[] words = command("run " + millis).split(" ", -1);
        return new Load.Result(Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
    }

    /** Closes the connections, if any are open. */
    void closeConnections() throws IOException, InterruptedException {
        command("close");
    }

    private String command(String command) throws IOException, InterruptedException {
        process.send(command);
        String answer = process.line("", SECONDS);
        if (answer.startsWith(LoadProgram.FAILED)) {
            throw new IOException(answer.substring(LoadProgram.FAILED.length()));
        }
        return answer;
    }

    @Override
    public void close() {
        process.close();
    }
}
