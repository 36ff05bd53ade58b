package io.millio.examples;

import io.millio.EventLoop;
import io.millio.Timer;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs a shell command when changes have ceased, one at a time. Changes while it runs, or soon after, lead to one more
 * run; changes during that one do not, for then it is most likely the command that changes what is watched. In the loop
 * only, but for {@link #close}.
 */
final class CommandRun implements AutoCloseable {
    private final EventLoop loop;
    private final String command;
    private final Duration quiet;
    private final PrintWriter err;
    private @Nullable Timer timer;
    private boolean running; // or ended so recently that changes may still be its own
    private boolean changed; // while it ran
    private boolean repeated; // whether this run is for changes during the one before

    // Guarded by this, for a shutdown hook closes.
    private @Nullable Process process;
    private boolean closed;

    CommandRun(EventLoop loop, String command, Duration quiet, PrintWriter err) {
        this.loop = loop;
        this.command = command;
        this.quiet = quiet;
        this.err = err;
    }

    void changed() {
        if (running) {
            changed = true;
        } else if (timer == null) {
            timer = loop.schedule(quiet, this::run);
        } else {
            timer.restart(quiet);
        }
    }

    private void run() {
        running = true;
        changed = false;
        try {
            Process started = begin();
            if (started != null) {
                CompletableFuture<Void> unused = started.onExit().thenAcceptAsync(this::ended, loop);
            }
        } catch (IOException e) {
            err.println("--run: " + Servers.reason(e));
            err.flush();
            running = false;
        }
    }

    private synchronized @Nullable Process begin() throws IOException {
        if (!closed) {
            process = new ProcessBuilder("sh", "-c", command).inheritIO().start();
        }
        return closed ? null : process;
    }

    private void ended(Process process) {
        if (process.exitValue() != 0) {
            err.println("--run: exit " + process.exitValue() + " of: " + command);
            err.flush();
        }
        loop.schedule(quiet, this::settled); // changes that it made are reported by then
    }

    private void settled() {
        running = false;
        if (changed && !repeated) {
            repeated = true;
            run();
            return;
        }
        if (changed) {
            err.println("--run: changes during two runs in a row; waiting for another change before: " + command);
            err.flush();
        }
        repeated = false;
    }

    /** Terminates the running command and every process it has started. Any thread. */
    @Override
    public synchronized void close() {
        closed = true;
        if (process != null && process.isAlive()) {
            terminate(process.toHandle());
        }
    }

    /** Stops the processes before it terminates them: a stopped process cannot start another one that is missed. */
    private static void terminate(ProcessHandle command) {
        Set<ProcessHandle> tree = new LinkedHashSet<>(List.of(command));
        boolean terminated = false;
        try {
            do {
                signal("STOP", tree);
            } while (tree.addAll(command.descendants().toList()));
            signal("TERM", tree);
            signal("CONT", tree);
            terminated = true;
        } catch (IOException e) {
            // no process can be started
        } finally {
            if (!terminated) { // whatever was thrown: a process that stays stopped would never end
                tree.forEach(ProcessHandle::destroyForcibly);
            }
        }
    }

    private static void signal(String name, Set<ProcessHandle> processes) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "kill -s \"$@\"", "sh", name));
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        Process kill = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD) // some have ended by themselves
                .start();
        kill.onExit().join();
    }
}
