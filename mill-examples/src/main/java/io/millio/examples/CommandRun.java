package io.millio.examples;

import io.millio.EventLoop;
import io.millio.Timer;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs a shell command when changes have ceased, one at a time: changes during a run lead to one more. In the loop
 * only.
 */
final class CommandRun {
    private final EventLoop loop;
    private final String command;
    private final Duration quiet;
    private final PrintWriter err;
    private @Nullable Timer timer;
    private boolean running;
    private boolean changed; // while it ran

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
        try {
            Process process =
                    new ProcessBuilder("sh", "-c", command).inheritIO().start();
            CompletableFuture<Void> unused = process.onExit().thenAcceptAsync(this::ended, loop);
        } catch (IOException e) {
            err.println("--run: " + Servers.reason(e));
            err.flush();
            running = false;
        }
    }

    private void ended(Process process) {
        running = false;
        if (process.exitValue() != 0) {
            err.println("--run: exit " + process.exitValue() + " of: " + command);
            err.flush();
        }
        if (changed) {
            changed = false;
            changed();
        }
    }
}
