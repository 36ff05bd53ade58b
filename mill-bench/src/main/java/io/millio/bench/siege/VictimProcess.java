package io.millio.bench.siege;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A victim in a process of its own. One thread. */
final class VictimProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final ChildProcess process;
    private final int port;

    private VictimProcess(ChildProcess process, int port) {
        this.process = process;
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
            started = new VictimProcess(process, Integer.parseInt(process.line(START)));
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

    boolean isRunning() {
        return process.isAlive();
    }

    /** Collects its garbage and returns what is used then; {@link Memory#UNKNOWN} when it does not answer. */
    Memory memory() throws InterruptedException {
        process.dropLines();
        process.send("memory");
        try {
            String[] used = process.line(ANSWER).split(" ", -1);
            return new Memory(Long.parseLong(used[0]), Long.parseLong(used[1]), process.residentBytes());
        } catch (IOException e) {
            return Memory.UNKNOWN;
        }
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
