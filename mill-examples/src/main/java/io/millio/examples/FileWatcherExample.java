package io.millio.examples;

import io.millio.EventLoop;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Parameter;
import io.millio.examples.cli.Syntax;
import io.millio.examples.cli.UsageException;
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
import java.util.concurrent.CompletableFuture;
import java.util.regex.PatternSyntaxException;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/** Prints file changes as lines or JSON, or runs a command after them. */
final class FileWatcherExample implements Example {
    // Names of files need not be well-formed text.
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final int DEFAULT_QUIET_MILLIS = 200;
    private static final int MAX_QUIET_MILLIS = 3_600_000;

    private static final Option RECURSIVE =
            Declare.flag("recursive", "Watches all directories below, too, new ones as well.");
    private static final Option GLOB = Declare.value(
            "glob", "Only files whose name matches, or whose path below the directory does if there is a / in it.");
    private static final Option AS_JSON = Declare.flag("json", "Prints JSON, an object a line.");
    private static final Option RUN =
            Declare.value("run", "COMMAND", "A shell command to run when changes have ceased.");
    private static final Option QUIET_MILLIS = Declare.value(
            "quiet-millis", "How long nothing changes before --run runs (default " + DEFAULT_QUIET_MILLIS + ").");
    private static final Option BACKEND =
            Declare.value("backend", "inotify, watch-service or polling (default: the best there is).");

    private final String name;
    private final List<Path> paths;
    private final boolean recursive;
    private final @Nullable String glob;
    private final @Nullable PathMatcher matcher;
    private final boolean json;
    private final @Nullable String command;
    private final int quietMillis;
    private final @Nullable String backend;

    FileWatcherExample(Arguments arguments) {
        name = arguments.program();
        paths = arguments.pathParameters();
        recursive = arguments.has(RECURSIVE);
        glob = arguments.textOf(GLOB);
        matcher = glob == null ? null : matcher(glob);
        json = arguments.has(AS_JSON);
        command = arguments.textOf(RUN);
        quietMillis = arguments.intOf(QUIET_MILLIS, DEFAULT_QUIET_MILLIS, 1, MAX_QUIET_MILLIS);
        backend = arguments.textOf(BACKEND);
    }

    static Syntax syntax() {
        Syntax syntax =
                new Syntax("file-watcher", "Prints changes in directories and files, or runs a command after them.");
        syntax.add(Parameter.many("PATH", "Directories, and single files, to watch."));
        syntax.add(RECURSIVE, GLOB, AS_JSON, RUN, QUIET_MILLIS, BACKEND);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        PrintWriter out = console.out();
        PrintWriter err = console.err();
        try (EventLoop loop = EventLoop.lowLatency();
                CommandRun run =
                        command == null ? null : new CommandRun(loop, command, Duration.ofMillis(quietMillis), err)) {
            if (run != null) {
                Runtime.getRuntime().addShutdownHook(new Thread(run::close, "end-of-command"));
            }
            FileWatcherBuilder settings = FileWatcher.builder(loop)
                    .errorListener(error -> {
                        err.println(printable(name + ": " + error.path() + ": " + Servers.reason(error.cause())));
                        err.flush();
                    })
                    .listener(event -> {
                        if (isWanted(event)) {
                            out.println(json ? json(event) : line(event));
                            if (out.checkError()) { // flushes; the reader of a pipe, head(1) for instance, has gone
                                loop.stop();
                            } else if (run != null) {
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
                    err.println(name + " watching (" + watcher.backend() + ")");
                    err.flush();
                });
                loop.run();
            }
        }
        return 0;
    }

    private static PathMatcher matcher(String glob) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + glob);
        } catch (PatternSyntaxException e) {
            throw new UsageException("--glob: " + glob + " is not a pattern: " + e.getDescription(), e);
        }
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
        return printable(name(event)
                + (event.path() == null ? "" : " " + event.path() + (event.isDirectory() ? "/" : ""))
                + (event.from() == null ? "" : " from " + event.from()));
    }

    /** Names of files may have any character: a line break would forge a line, an escape commands the terminal. */
    private static String printable(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(each -> {
            int type = Character.getType(each);
            if (each == '\\') {
                safe.append("\\\\");
            } else if (type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR) {
                safe.append(String.format(Locale.ROOT, "\\u%04x", each));
            } else {
                safe.appendCodePoint(each);
            }
        });
        return safe.toString();
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
}
