package io.millio.bench.http;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process that answers lines on its standard input by lines on its standard output. It ends when its input does, as
 * that does with this process. One thread.
 */
final class Child implements AutoCloseable {
    private static final String END = "";

    private final String name;
    private final Process process;
    private final PrintStream to;

    // Filled by the thread that reads its standard output; an empty line is the end.
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private Child(String name, Process process) {
        this.name = name;
        this.process = process;
        to = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
        Thread reader = new Thread(this::read, name + "-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a program.
     *
     * @param processor where it runs, if this machine has {@code taskset} and more than one
     * @param log where its standard error goes
     */
    static Child start(String name, List<String> command, int processor, Path log) throws IOException {
        List<String> words = new ArrayList<>();
        if (Runtime.getRuntime().availableProcessors() > 1 && has("taskset")) {
            words.addAll(List.of("taskset", "-c", Integer.toString(processor)));
        }
        words.addAll(command);
        return new Child(
                name, new ProcessBuilder(words).redirectError(log.toFile()).start());
    }

    /** Returns the command that runs a program of this class path with this process's JDK. */
    static List<String> java(Class<?> program, List<String> options, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Returns whether this machine has a command. */
    static boolean has(String command) {
        String path = System.getenv("PATH");
        return path != null
                && List.of(path.split(File.pathSeparator, -1)).stream()
                        .anyMatch(folder -> new File(folder, command).canExecute());
    }

    @SuppressWarnings("EmptyCatch")
    private void read() {
        try (BufferedReader from = process.inputReader(StandardCharsets.US_ASCII)) {
            for (String line; (line = from.readLine()) != null; ) {
                lines.add(line);
            }
        } catch (IOException e) {
            // it has ended
        } finally {
            lines.add(END);
        }
    }

    /** Waits for a line that begins so, and returns the rest of it; passes over lines that libraries print. */
    String line(String prefix, int seconds) throws IOException, InterruptedException {
        String line;
        do {
            line = lines.poll(seconds, TimeUnit.SECONDS);
            if (line == null) {
                throw new IOException(name + " has printed nothing for " + seconds + " s");
            }
            if (line.equals(END) && !process.isAlive()) {
                lines.add(END);
                throw new IOException(name + " has ended");
            }
        } while (!line.startsWith(prefix));
        return line.substring(prefix.length());
    }

    /** Sends a line, which a process that has ended does not get. */
    void send(String line) {
        to.println(line);
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
