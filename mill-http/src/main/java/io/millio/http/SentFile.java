package io.millio.http;

import io.millio.internal.RunSubject;
import io.millio.net.Connection;
import io.millio.task.Priority;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.Callable;
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
    private record Part(FileState file, long count) {}

    private SentFile() {}

    /** Looks at a file on the compute pool, then answers in the loop. Any thread; the answer has been begun. */
    static void send(Answer answer, Path file, long position, long count) {
        HttpLoop http = answer.owner().http();
        BiConsumer<@Nullable FileState, @Nullable Throwable> then =
                (found, failure) -> sendFound(answer, found, failure, file, position, count);
        http.inLoop(() -> {
            try {
                Callable<FileState> look = RunSubject.computation(answer.owner().connection(), () -> look(file));
                CompletableFuture<?> unused = http.loop.compute(Priority.HIGH, look, then);
            } catch (RejectedExecutionException e) {
                then.accept(null, e);
            }
        });
    }

    private static void sendFound(
            Answer answer,
            @Nullable FileState found,
            @Nullable Throwable failure,
            Path file,
            long position,
            long count) {
        boolean answered = false;
        try {
            Part part = null;
            try {
                part = part(found, failure, file, position, count);
            } catch (Throwable t) {
                answer.answerFailure(t);
            }
            if (part != null) {
                send(answer, part.file(), position, part.count());
            }
            answered = true;
        } finally {
            answer.abortUnless(answered);
        }
    }

    /** Sends a part of a file that was found to be there. Any thread; the answer has been begun. */
    static void send(Answer answer, FileState file, long position, long count) {
        boolean inLoop = answer.inLoop();
        answer.writer.beginFile(count, inLoop);
        if (answer.writer.isSilent() || count == 0) {
            answer.finish(inLoop);
        } else {
            transfer(answer, file, position, count);
        }
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
    private static Part part(
            @Nullable FileState found, @Nullable Throwable failure, Path file, long position, long count)
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

    /** Sends it behind the head; whatever goes wrong aborts the connection, as that has been written. */
    private static void transfer(Answer answer, FileState file, long position, long count) {
        Connection connection = answer.owner().connection();
        CompletableFuture<?> unused = connection
                .transferFrom(file.path(), position, count, opened -> file.check())
                .whenComplete((sent, failure) -> {
                    Throwable thrown = failure;
                    try {
                        if (sent != null && sent == count) {
                            answer.writer.sent(count);
                            answer.finish(answer.inLoop());
                            return;
                        }
                        if (sent != null) {
                            thrown = new IOException(
                                    "file " + file.path() + " ended after " + sent + " of " + count + " bytes");
                        }
                    } catch (Throwable t) { // which no other code would see
                        thrown = t;
                    }
                    connection.abort();
                    if (thrown != null && !(thrown instanceof CancellationException)) {
                        answer.owner().http().report(thrown, "file " + file.path());
                    }
                });
    }
}
