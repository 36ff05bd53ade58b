package io.millio.bench.siege;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program of this class path in a process of its own, asked by lines on its standard input and answering on its
 * standard output. It ends when its standard input does, as that does with this process. One thread.
 */
final class ChildProcess implements AutoCloseable {
    private static final String END = "";
    private static final int DUMP_MILLIS = 1_000;

    private final String name;
    private final Process process;
    private final PrintStream to;

    // Filled by the thread that reads its standard output; an empty line is the end.
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    // Volatile: the reader may find its stream closed when this is set.
    private volatile boolean closing;

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.to = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, name + "-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Runs a program with this process's JDK.
     *
     * @param prefix what runs the JVM: {@code nice}, for instance, and its arguments; or nothing
     * @param log where its standard error goes; null: to that of this process
     */
    static ChildProcess start(
            List<String> prefix, Class<?> program, List<String> jvmOptions, List<String> arguments, @Nullable Path log)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(arguments);
        ProcessBuilder.Redirect errors =
                log == null ? ProcessBuilder.Redirect.INHERIT : ProcessBuilder.Redirect.appendTo(log.toFile());
        Process process = new ProcessBuilder(command).redirectError(errors).start();
        return new ChildProcess(program.getSimpleName() + " " + arguments, process);
    }

    /** Returns the path of a command that this machine has; null if it has none of the name. */
    static @Nullable String find(String command) {
        String path = System.getenv("PATH");
        if (path != null) {
            for (String folder : path.split(File.pathSeparator, -1)) {
                File file = new File(folder, command);
                if (file.canExecute()) {
                    return file.getPath();
                }
            }
        }
        return null;
    }

    private void read() {
        try (BufferedReader from = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line; (line = from.readLine()) != null; ) {
                if (!line.isEmpty()) {
                    lines.add(line);
                }
            }
        } catch (IOException e) {
            if (!closing) {
                System.err.println(name + ": " + e);
            }
        } finally {
            lines.add(END);
        }
    }

    /** Waits for its next line. */
    String line(Duration atMost) throws IOException, InterruptedException {
        String line = lines.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
        if (line == null) {
            throw new IOException(name + " has printed nothing for " + atMost);
        }
        if (line.equals(END)) {
            lines.add(END);
            throw new IOException(name + " has ended");
        }
        return line;
    }

    /** Returns the lines that it has printed and that have not been asked for. */
    List<String> otherLines() {
        List<String> others = new ArrayList<>();
        lines.drainTo(others);
        if (others.remove(END)) {
            lines.add(END);
        }
        return others;
    }

    /**
     * Has its JVM print its threads on standard output, which needs no memory of its heap; does nothing where the
     * system has no {@code kill}.
     */
    void dumpThreads() throws IOException, InterruptedException {
        String kill = find("kill");
        if (kill != null && process.isAlive()) {
            new ProcessBuilder(kill, "-QUIT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
            Thread.sleep(DUMP_MILLIS);
        }
    }

    /** Sends it a line, which a process that has ended does not get. */
    void send(String line) {
        to.println(line);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The processor time it has used, in seconds; NaN where the system does not say. */
    double cpuSeconds() {
        return process.info()
                .totalCpuDuration()
                .map(each -> each.toNanos() / 1e9)
                .orElse(Double.NaN);
    }

    /** What it has of the machine's memory, in bytes; -1 where the system does not say. */
    long residentBytes() {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        try {
            if (Files.exists(status)) {
                for (String line : Files.readAllLines(status)) {
                    if (line.startsWith("VmRSS:")) {
                        return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
                    }
                }
            }
        } catch (IOException e) {
            return -1; // it has just ended
        }
        return -1;
    }

    @Override
    public void close() throws IOException {
        closing = true;
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + name + " ended", e);
        }
    }
}
