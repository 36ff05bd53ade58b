package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.FileNames;
import io.millio.linux.sys.Layouts;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import io.millio.linux.sys.Text;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes of files, as a source of the epoll transport: it is readable when there are some. Many paths, and trees of
 * directories, on one descriptor.
 *
 * <p>Paths are added and taken away on any thread; {@link #read} is for one thread at a time, {@link #close} for any.
 * What happens in a new directory of a tree before it is watched is found by looking into it, and may then be reported
 * twice.
 */
public final class Inotify extends Descriptor {
    private static final int MASK = Constants.IN_MODIFY
            | Constants.IN_ATTRIB
            | Constants.IN_CLOSE_WRITE
            | Constants.IN_MOVED_FROM
            | Constants.IN_MOVED_TO
            | Constants.IN_CREATE
            | Constants.IN_DELETE
            | Constants.IN_DELETE_SELF
            | Constants.IN_MOVE_SELF
            | Constants.IN_EXCL_UNLINK;

    private static final InotifyEvent.Kind[] KINDS = InotifyEvent.Kind.values();

    /** A watched path, and whether new directories in it are to be watched too. */
    private record Watch(Path path, boolean tree) {}

    // Both guarded by watches; the system's number of a watch, and back.
    private final Map<Integer, Watch> watches = new HashMap<>();
    private final Map<Path, Integer> numbers = new HashMap<>();

    private Inotify(int fd) {
        super(fd);
    }

    /** A new one, watching nothing. */
    public static Inotify open() throws IOException {
        EpollTransportProvider.checkUsable();
        try (Scratch scratch = Scratch.take()) {
            int flags = Constants.IN_NONBLOCK | Constants.IN_CLOEXEC;
            int fd = Libc.Inotify.INIT.call(scratch.errno, flags);
            if (fd == -Errno.EMFILE && aDescriptorIsLeft(scratch)) {
                throw new IOException("opening inotify: " + limitReached("max_user_instances"));
            }
            return new Inotify((int) Errno.check(fd, "opening inotify"));
        }
    }

    /** The errno for a user with too many instances is that for a process with too many descriptors. */
    private static boolean aDescriptorIsLeft(Scratch scratch) {
        int fd = Libc.Epoll.EVENTFD.call(scratch.errno, 0, Constants.EFD_CLOEXEC);
        return fd >= 0 && Libc.close(fd) == 0;
    }

    private static String limitReached(String setting) {
        String value;
        try {
            // By lines, that is through a buffer: the system gives such a number to the first read only.
            value = Files.readAllLines(Path.of("/proc/sys/fs/inotify", setting)).get(0);
        } catch (IOException | IndexOutOfBoundsException e) {
            value = "unknown";
        }
        return "the user's limit is reached: fs.inotify." + setting + " is " + value;
    }

    /**
     * Watches a file, or a directory and what lies directly in it. A second time for one path changes nothing.
     *
     * @throws IOException if it is not there, or the system's limit of watches is reached
     */
    public void watch(Path path) throws IOException {
        add(Objects.requireNonNull(path, "path"), false);
    }

    /**
     * Watches a directory and all directories below it, new ones too; links are not followed. O(n) in their number.
     *
     * @throws IOException if it, or a directory below it, can't be watched, for want of permission or by the system's
     *     limit of watches; the rest is watched then
     */
    public void watchTree(Path directory) throws IOException {
        Objects.requireNonNull(directory, "directory");
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("directory: not a directory: " + directory);
        }
        @Nullable IOException[] first = new IOException[1];
        addTree(directory, event -> {
            if (first[0] == null) {
                first[0] = event.cause();
            }
        });
        if (first[0] != null) {
            throw first[0];
        }
    }

    /** Stops watching a path, and what lies below it; does nothing if it is not watched. */
    public void unwatch(Path path) throws IOException {
        Objects.requireNonNull(path, "path");
        begin();
        try {
            synchronized (watches) {
                Map.copyOf(numbers).forEach((watched, number) -> {
                    if (watched.startsWith(path)) {
                        remove(number);
                    }
                });
            }
        } finally {
            end();
        }
    }

    /** Stops watching a path, but not what lies below it. O(1). */
    void unwatchOnly(Path path) throws IOException {
        begin();
        try {
            synchronized (watches) {
                Integer number = numbers.get(path);
                if (number != null) {
                    remove(number);
                }
            }
        } finally {
            end();
        }
    }

    private void remove(int number) {
        try (Scratch scratch = Scratch.take()) {
            Libc.Inotify.REMOVE.call(scratch.errno, fd, number); // fails if it is gone already
        }
        forget(number);
    }

    private void forget(int number) {
        Watch gone = watches.remove(number);
        if (gone != null) {
            numbers.remove(gone.path(), number);
        }
    }

    private void add(Path path, boolean tree) throws IOException {
        int mask = MASK | (tree ? Constants.IN_ONLYDIR | Constants.IN_DONT_FOLLOW : 0);
        begin();
        try (Scratch scratch = Scratch.take()) {
            synchronized (watches) {
                int number = scratch.putPath(path)
                        ? Libc.Inotify.ADD.call(scratch.errno, fd, scratch.bytesAddress(), mask)
                        : -Errno.ENAMETOOLONG;
                if (number == -Errno.ENOENT) {
                    throw new NoSuchFileException(path.toString());
                }
                if (number == -Errno.ENOSPC) {
                    throw new IOException("watching " + path + ": " + limitReached("max_user_watches"));
                }
                if (number < 0) {
                    throw Errno.ofFile(-number, "watching " + path);
                }
                Watch before = watches.get(number);
                if (before != null) {
                    numbers.remove(before.path(), number); // moved since, or another name of the same
                }
                watches.put(number, new Watch(path, tree || (before != null && before.tree())));
                numbers.put(path, number);
            }
        } finally {
            end();
        }
    }

    /** Adds the directories in one, and reports what lies in them to the sink. */
    private void addTree(Path directory, Consumer<? super InotifyEvent> sink) throws IOException {
        add(directory, true);
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                boolean isDirectory = Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS);
                sink.accept(new InotifyEvent(InotifyEvent.Kind.CREATED, child, isDirectory, 0));
                if (isDirectory) {
                    addNew(child, sink);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void addNew(Path directory, Consumer<? super InotifyEvent> sink) throws IOException {
        try {
            addTree(directory, sink);
        } catch (NoSuchFileException e) {
            // gone again
        } catch (IOException e) {
            if (!isOpen()) {
                throw e;
            }
            sink.accept(new InotifyEvent(InotifyEvent.Kind.UNWATCHED, directory, true, 0, e));
        }
    }

    /**
     * Reports the changes that have come; a tree's new directories are watched on the way.
     *
     * @return how many events the system had
     */
    public int read(Consumer<? super InotifyEvent> sink) throws IOException {
        Objects.requireNonNull(sink, "sink");
        byte[] batch;
        begin();
        try (Scratch scratch = Scratch.take()) {
            long got = Libc.Files.READ.transfer(scratch.errno, fd, scratch.bytesAddress(), Scratch.BYTES, 0, 0, 0);
            if (got == -Errno.EAGAIN) {
                return 0;
            }
            if (got < 0) {
                throw failure((int) -got, "reading");
            }
            // A copy: the sink may close this, and the call must have ended then.
            batch = new byte[(int) got];
            scratch.bytes().clear().get(batch);
        } finally {
            end();
        }
        return reportAll(MemorySegment.ofArray(batch), sink);
    }

    private int reportAll(MemorySegment batch, Consumer<? super InotifyEvent> sink) throws IOException {
        int count = 0;
        for (long at = 0; at < batch.byteSize(); count++) {
            int nameBytes = batch.get(JAVA_INT_UNALIGNED, at + Layouts.INOTIFY_EVENT__LEN);
            report(
                    batch.get(JAVA_INT_UNALIGNED, at + Layouts.INOTIFY_EVENT__WD),
                    batch.get(JAVA_INT_UNALIGNED, at + Layouts.INOTIFY_EVENT__MASK),
                    batch.get(JAVA_INT_UNALIGNED, at + Layouts.INOTIFY_EVENT__COOKIE),
                    Text.bytes(batch, at + Layouts.INOTIFY_EVENT_SIZE, nameBytes),
                    sink);
            at += Layouts.INOTIFY_EVENT_SIZE + nameBytes;
        }
        return count;
    }

    private void report(int number, int mask, int cookie, byte[] name, Consumer<? super InotifyEvent> sink)
            throws IOException {
        if ((mask & Constants.IN_Q_OVERFLOW) != 0) {
            sink.accept(new InotifyEvent(InotifyEvent.Kind.OVERFLOW, null, false, 0));
            return;
        }
        Watch watch;
        synchronized (watches) {
            watch = watches.get(number);
            if ((mask & Constants.IN_IGNORED) != 0) {
                forget(number);
                return;
            }
        }
        if (watch == null) {
            return; // taken away since
        }
        Path path = name.length == 0 ? watch.path() : FileNames.resolve(watch.path(), name);
        boolean isDirectory = (mask & Constants.IN_ISDIR) != 0;
        for (InotifyEvent.Kind kind : KINDS) {
            if ((mask & kind.mask) != 0) {
                sink.accept(new InotifyEvent(kind, path, isDirectory, cookie));
            }
        }
        boolean isNew = isDirectory && (mask & (Constants.IN_CREATE | Constants.IN_MOVED_TO)) != 0;
        if (watch.tree() && isNew && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            addNew(path, sink);
        }
    }

    @Override
    public String toString() {
        synchronized (watches) {
            return "inotify of " + watches.size() + " paths" + (isOpen() ? "" : " (closed)");
        }
    }
}
