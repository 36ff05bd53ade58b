package io.millio.examples;

import io.millio.EventLoop;
import io.millio.watch.FileEvent;
import io.millio.watch.FileWatcher;
import io.millio.watch.FileWatcherBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/** Tells changes of files as lines or JSON, or runs a command after them. */
@Command(
        name = "file-watcher",
        description = "Tells what changes in directories and files, or runs a command after it.",
        sortOptions = false)
final class FileWatcherExample implements Callable<Integer> {
    // Names of files need not be well-formed text.
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Directories, and single files, to watch.")
    private List<Path> paths;

    @Option(names = "--recursive", description = "Watches all directories below, too, new ones as well.")
    private boolean recursive;

    @Option(
            names = "--glob",
            description =
                    "Only files whose name matches, or whose path below the directory does if there is a / in it.")
    private @Nullable String glob;

    @Option(names = "--json", description = "Prints JSON, an object a line.")
    private boolean json;

    @Option(names = "--run", paramLabel = "COMMAND", description = "A shell command to run when changes have ceased.")
    private @Nullable String command;

    @Option(
            names = "--quiet-millis",
            defaultValue = "200",
            description = "How long nothing changes before --run runs (default ${DEFAULT-VALUE}).")
    private int quietMillis;

    @Option(names = "--backend", description = "inotify, watch-service or polling (default: the best there is).")
    private @Nullable String backend;

    @Option(names = "--help", usageHelp = true, description = "Shows this.")
    @SuppressWarnings("UnusedVariable") // picocli looks at the option itself
    private boolean help;

    private @Nullable PathMatcher matcher;

    @Override
    public Integer call() throws IOException {
        if (quietMillis < 1 || quietMillis > 3_600_000) {
            throw wrong("--quiet-millis: " + quietMillis + " is not from 1 to 3600000");
        }
        if (glob != null) {
            try {
                matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
            } catch (IllegalArgumentException e) {
                throw wrong("--glob: " + glob + " is not a pattern: " + e.getMessage());
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (EventLoop loop = EventLoop.lowLatency()) {
            CommandRun run =
                    command == null ? null : new CommandRun(loop, command, Duration.ofMillis(quietMillis), err);
            FileWatcherBuilder settings = FileWatcher.builder(loop)
                    .errorListener(error -> {
                        err.println(spec.name() + ": " + error.path() + ": " + Servers.reason(error.cause()));
                        err.flush();
                    })
                    .listener(event -> {
                        if (isWanted(event)) {
                            out.println(json ? json(event) : line(event));
                            out.flush();
                            if (run != null) {
                                run.changed();
                            }
                        }
                    });
            for (Path each : paths) {
                if (Files.isRegularFile(each)) {
                    settings.addFile(each);
                } else {
                    settings.add(each, recursive);
                }
            }
            if (backend != null) {
                settings.backend(backend);
            }
            try (FileWatcher watcher = settings.start()) {
                CompletableFuture<Void> unused = watcher.ready().thenRun(() -> {
                    err.println(spec.name() + " watching (" + watcher.backend() + ")");
                    err.flush();
                });
                loop.run();
            }
        }
        return 0;
    }

    private boolean isWanted(FileEvent event) {
        return event.kind() == FileEvent.Kind.OVERFLOW || matches(event.path()) || matches(event.from());
    }

    private boolean matches(@Nullable Path path) {
        if (path == null) {
            return false;
        }
        if (matcher == null || glob == null) {
            return true;
        }
        if (glob.indexOf('/') < 0) {
            return path.getFileName() != null && matcher.matches(path.getFileName());
        }
        for (Path each : paths) {
            Path root = each.toAbsolutePath().normalize();
            if (path.startsWith(root) && matcher.matches(root.relativize(path))) {
                return true;
            }
        }
        return false;
    }

    static String line(FileEvent event) {
        return name(event)
                + (event.path() == null ? "" : " " + event.path() + (event.isDirectory() ? "/" : ""))
                + (event.from() == null ? "" : " from " + event.from());
    }

    static String json(FileEvent event) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("event", name(event));
            if (event.path() != null) {
                json.writeStringProperty("path", event.path().toString());
            }
            if (event.from() != null) {
                json.writeStringProperty("from", event.from().toString());
            }
            json.writeBooleanProperty("directory", event.isDirectory());
            json.writeEndObject();
        }
        return text.toString();
    }

    private static String name(FileEvent event) {
        return event.kind().name().toLowerCase(Locale.ROOT);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
