package io.millio.http;

import io.millio.task.Priority;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The steps of sending a file: it is looked at first, then the head is written, then the file. */
final class SentFile {
    /** Up to the end that the file has when it is looked at. */
    static final long ALL = -1;

    /** A part of a file that is there. */
    record Part(FileState file, long count) {}

    private SentFile() {}

    /** Looks at a file on the compute pool, then has the answer go on in the loop. Any thread. */
    static void find(HttpLoop http, Path file, BiConsumer<@Nullable FileState, @Nullable Throwable> then) {
        http.inLoop(() -> {
            try {
                CompletableFuture<?> unused = http.loop.compute(Priority.HIGH, () -> look(file), then);
            } catch (RejectedExecutionException e) {
                then.accept(null, e);
            }
        });
    }

    private static FileState look(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new NoSuchFileException(file.toString(), null, "not a regular file");
        }
        if (!Files.isReadable(file)) {
            throw new AccessDeniedException(file.toString());
        }
        return FileState.of(file, attributes);
    }

    /** Returns what is to be sent; throws what the answer fails with. */
    static Part part(@Nullable FileState found, @Nullable Throwable failure, Path file, long position, long count)
            throws Throwable {
        if (found == null) {
            Throwable why = failure == null ? new IOException("no file: " + file) : failure;
            throw why instanceof NoSuchFileException || why instanceof FileNotFoundException
                    ? new HttpException(404, "there is no file " + file, why)
                    : why;
        }
        long present = found.size() - position;
        if (count == ALL ? present < 0 : present < count) {
            throw new IOException(
                    "file " + file + " has " + found.size() + " bytes, not " + count + " from " + position);
        }
        return new Part(found, count == ALL ? present : count);
    }

    /**
     * Sends it.
     *
     * @param then called when all has been sent; whatever goes wrong aborts the connection, as the head has been
     *     written
     */
    static void transfer(HttpConnection of, FileState file, long position, long count, Runnable then) {
        CompletableFuture<?> unused = of.connection()
                .transferFrom(file.path(), position, count, opened -> file.check())
                .whenComplete((sent, failure) -> {
                    Throwable thrown = failure;
                    try {
                        if (sent != null && sent == count) {
                            then.run();
                            return;
                        }
                    } catch (Throwable t) { // which no other code would see
                        thrown = t;
                    }
                    of.connection().abort();
                    if (thrown != null && !(thrown instanceof CancellationException)) {
                        of.http().report(thrown, "file " + file.path());
                    }
                });
    }
}
