package io.millio.http;

import io.millio.http.wire.AcceptEncoding;
import io.millio.http.wire.ByteRange;
import io.millio.http.wire.HttpDates;
import io.millio.http.wire.Percent;
import io.millio.internal.RunSubject;
import io.millio.net.Connection;
import io.millio.task.Priority;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Serves the files of a directory by GET and HEAD: with ETag and Last-Modified, preconditions, one range, and
 * Content-Type by name, with {@code X-Content-Type-Options: nosniff}. A directory is served by its {@code index.html};
 * a request without the slash at its end is redirected, so that relative links work. The file system is asked on the
 * loop's compute pool.
 *
 * <p>Names that begin with a dot are answered with 404 unless {@link #withDotFiles} is used.
 *
 * <p>Nothing outside of the directory is served: a path with an empty segment, a dot segment, a NUL or a backslash,
 * plain or encoded, is answered with 404, and so is a file whose real path, with all links followed, is not below the
 * directory's.
 *
 * <p>A file that is replaced or changed between the look at it and its opening is not sent under the ETag and the
 * length of the one before: once it is open the handler looks again, and if anything differs the connection is aborted.
 * That is all that can be seen by a path: one that is replaced twice within that time, and the second time by the first
 * file, is taken for that. A file that is written to in its place while it is being sent arrives as a mixture: replace
 * files by renaming.
 */
public final class FileHandler implements HttpHandler {
    private static final String INDEX = "index.html";

    /** Those of files that are kept compressed, best first. */
    private static final List<String> CODINGS = List.of("br", "gzip");

    private final Path root;
    private final @Nullable String parameter;
    private final boolean dotFiles;
    private final boolean precompressed;

    private FileHandler(Path root, @Nullable String parameter, boolean dotFiles, boolean precompressed) {
        this.root = root;
        this.parameter = parameter;
        this.dotFiles = dotFiles;
        this.precompressed = precompressed;
    }

    /**
     * A handler that serves a directory: the whole path of the request names the file.
     *
     * @throws NotDirectoryException if it is no directory
     * @throws IOException if it can't be looked at
     */
    public static FileHandler of(Path directory) throws IOException {
        Path real = directory.toRealPath();
        if (!Files.isDirectory(real)) {
            throw new NotDirectoryException(directory.toString());
        }
        return new FileHandler(real, null, false, false);
    }

    /**
     * One that serves the same directory, with the file named by a parameter of the {@link Router}'s path: its last.
     */
    public FileHandler namedBy(String parameter) {
        return new FileHandler(root, parameter, dotFiles, precompressed);
    }

    /** Returns a handler that also serves files and directories whose names begin with a dot. */
    public FileHandler withDotFiles() {
        return new FileHandler(root, parameter, true, precompressed);
    }

    /**
     * Returns a handler that sends {@code style.css.br} or {@code style.css.gz} in the place of {@code style.css},
     * where there is such a file and the client accepts its coding (RFC 9110, 12.5.3): with Content-Encoding, the
     * Content-Type of the file that was asked for, and an ETag, a size and ranges of its own. Of codings that the
     * client likes as much, Brotli goes first; a client that accepts none gets the file as it is. A compressed file
     * that is older than the other is out of date and not sent. All answers have {@code Vary: Accept-Encoding} then.
     */
    public FileHandler withPrecompressed() {
        return new FileHandler(root, parameter, dotFiles, true);
    }

    @Override
    public void handle(HttpRequest request, HttpResponse response) throws Exception {
        if (!request.isMethod("GET") && !request.isMethod("HEAD")) {
            response.header("Allow", "GET, HEAD");
            response.error(405);
            return;
        }
        Path named = resolve(root, nameOf(request), dotFiles);
        if (named == null) {
            response.error(404);
            return;
        }
        response.later();
        List<String> codings =
                precompressed ? AcceptEncoding.preferred(request.headers("Accept-Encoding"), CODINGS) : List.of();
        if (precompressed) {
            response.addHeader("Vary", "Accept-Encoding");
        }
        Connection connection = request.connection();
        Callable<@Nullable FileState> look = RunSubject.computation(connection, () -> look(named, codings));
        CompletableFuture<?> unused = connection.loop().compute(Priority.HIGH, look, (file, failure) -> {
            try {
                answer(request, response, file, failure);
            } catch (Throwable t) {
                response.fail(t);
            }
        });
    }

    /** As it came, encoded, without the first slash. */
    private String nameOf(HttpRequest request) {
        String path = request.path();
        if (parameter == null) {
            return path.startsWith("/") ? path.substring(1) : path;
        }
        int at = request.parameters().find(parameter);
        return at < 0
                ? ""
                : path.substring(
                        request.parameters().start(at), request.parameters().end(at));
    }

    /** The path below a directory that an encoded one names; null if it is none. */
    static @Nullable Path resolve(Path root, String encoded, boolean dotFiles) {
        Path path = root;
        String[] segments = encoded.split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            String name = Percent.decodeStrictly(segments[i], false);
            if (name == null || name.equals(".") || name.equals("..") || hasSeparator(name)) {
                return null;
            }
            if (name.startsWith(".") && !dotFiles) {
                return null;
            }
            if (name.isEmpty()) {
                if (i < segments.length - 1) {
                    return null;
                }
                name = INDEX;
            }
            try {
                path = path.resolve(name);
            } catch (InvalidPathException e) {
                return null;
            }
        }
        return path.startsWith(root) ? path : null;
    }

    private static boolean hasSeparator(String name) {
        return name.indexOf('/') >= 0 || name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0;
    }

    /** Finds a file, or the best of its compressed ones that is not older. On the compute pool; otherwise as below. */
    private @Nullable FileState look(Path named, List<String> codings) throws IOException {
        FileState file = look(named);
        if (file == null || file == FileState.DIRECTORY) {
            return file;
        }
        for (String coding : codings) {
            String suffix = coding.equals("gzip") ? ".gz" : ".br";
            FileState compressed = look(named.resolveSibling(named.getFileName() + suffix));
            if (compressed != null
                    && compressed != FileState.DIRECTORY
                    && compressed.modified().compareTo(file.modified()) >= 0) {
                return compressed.of(file, coding);
            }
        }
        return file;
    }

    /** Finds a file, on the compute pool: null if there is none, {@link FileState#DIRECTORY} for a directory. */
    @Nullable
    FileState look(Path named) throws IOException {
        try {
            Path real = named.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            if (attributes.isDirectory()) { // it was asked for without the slash
                return real.startsWith(root) && Files.isRegularFile(real.resolve(INDEX)) ? FileState.DIRECTORY : null;
            }
            return attributes.isRegularFile() && real.startsWith(root) && Files.isReadable(real)
                    ? FileState.of(real, attributes)
                    : null;
        } catch (NoSuchFileException | FileNotFoundException e) {
            return null;
        } catch (java.nio.file.FileSystemException e) {
            return null; // a name too long, a file in place of a directory, a loop of links, no right to look
        }
    }

    static void answer(
            HttpRequest request, HttpResponse response, @Nullable FileState file, @Nullable Throwable failure) {
        if (failure != null) {
            response.fail(failure);
            return;
        }
        if (file == null) {
            response.error(404);
            return;
        }
        if (file == FileState.DIRECTORY) {
            String query = request.query();
            // No empty segment has come so far, so that the location never names another host.
            response.header("Location", request.path() + "/" + (query == null ? "" : "?" + query));
            response.error(301);
            return;
        }
        response.header("ETag", file.etag())
                .header("Last-Modified", HttpDates.text(file.modifiedSecond()))
                .header("Accept-Ranges", "bytes")
                .header("X-Content-Type-Options", "nosniff");
        int condition = Preconditions.check(request, file);
        if (condition == 304) {
            response.status(304).send();
            return;
        }
        if (condition != Preconditions.HOLD) {
            response.error(condition);
            return;
        }
        ByteRange range = request.isHead() || !Preconditions.allowsRange(request, file)
                ? null
                : ByteRange.of(request.header("Range"), file.size());
        if (range == ByteRange.UNSATISFIABLE) {
            response.header("Content-Range", "bytes */" + file.size());
            response.error(416);
            return;
        }
        String coding = file.coding();
        if (coding != null) {
            response.header("Content-Encoding", coding);
        }
        response.contentType(ContentTypes.of(String.valueOf(file.original().getFileName())));
        if (range == null) {
            response.answer.send(file, 0, file.size());
        } else {
            long last = range.first() + range.length() - 1;
            response.header("Content-Range", "bytes " + range.first() + "-" + last + "/" + file.size());
            response.status(206).answer.send(file, range.first(), range.length());
        }
    }
}
