package io.millio.bench.siege;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/** A victim in a process of its own. One thread. */
final class VictimProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final int MAX_OTHER_LINES = 1_000;

    private final ChildProcess process;
    private final Path log;
    private final int port;

    private VictimProcess(ChildProcess process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /**
     * Starts one; it listens when this returns.
     *
     * @param heap as {@code -Xmx} takes it
     * @param log where its standard error goes
     */
    static VictimProcess start(Victim victim, Protocol protocol, String heap, Path keys, Path log)
            throws IOException, InterruptedException {
        ChildProcess process = ChildProcess.start(
                List.of(),
                VictimProgram.class,
                victim.jvmOptions(heap),
                List.of(victim.name(), protocol.name(), keys.toString()),
                log);
        VictimProcess started = null;
        try {
            started = new VictimProcess(process, log, Integer.parseInt(process.line(START)));
            return started;
        } finally {
            if (started == null) {
                process.close();
            }
        }
    }

    int port() {
        return port;
    }

    /** The processor time it has used, in seconds; NaN where the system does not say. */
    double cpuSeconds() {
        return process.cpuSeconds();
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Collects its garbage and returns what is used then; {@link Memory#UNKNOWN} when it does not answer. */
    Memory memory() throws IOException, InterruptedException {
        logOtherLines();
        process.send("memory");
        try {
            for (int i = 0; i < MAX_OTHER_LINES; i++) {
                String line = process.line(ANSWER);
                if (line.startsWith(VictimProgram.MEMORY)) {
                    String[] used =
                            line.substring(VictimProgram.MEMORY.length()).split(" ", -1);
                    return new Memory(Long.parseLong(used[0]), Long.parseLong(used[1]), process.residentBytes());
                }
                log(List.of(line));
            }
        } catch (IOException e) {
            return Memory.UNKNOWN;
        }
        return Memory.UNKNOWN;
    }

    /** Adds its threads to its log. */
    void logThreads() throws IOException, InterruptedException {
        process.dumpThreads();
        logOtherLines();
    }

    /** Adds to its log what the JVM has printed on standard output: it does so where it can't throw. */
    void logOtherLines() throws IOException {
        log(process.otherLines());
    }

    private void log(List<String> lines) throws IOException {
        Files.write(log, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
