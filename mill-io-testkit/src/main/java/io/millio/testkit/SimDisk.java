package io.millio.testkit;

import io.millio.internal.Arguments;
import io.millio.testkit.disk.DiskAccess;
import io.millio.testkit.disk.DiskFileSystem;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The disk of a {@link SimHost}: files in memory, behind {@link Path}s that a program uses as it uses others. Its
 * operations take simulated time and fail as the seed decides. To open, read, write, move or delete a file, or to look
 * at it, is an operation each; closing takes no time. The thread that calls waits, as for a real disk, and others go
 * on.
 *
 * <p>Nothing takes time or fails until it is set. What the test itself does with a file, on the thread that drives the
 * network, takes no time and finds no errors: so it can prepare, truncate and look at files, also amid a run by
 * {@link SimNetwork#after}. A {@link SimHost#crash} leaves all that has been written.
 *
 * <p>Only what the JDK has in {@code Files} and {@code FileChannel} for whole files: no links, permissions, locks,
 * mapped files, listings of directories, or watching.
 */
public final class SimDisk {
    private final SimHost host;
    final DiskFileSystem files;
    private long leastNanos;
    private long mostNanos;
    private double errors;

    SimDisk(SimHost host) {
        this.host = host;
        this.files = new DiskFileSystem("disk of " + host.hostName(), new Access());
    }

    /** The root directory, below which a test makes its files: {@code Files.write(disk.root().resolve("a"), bytes)}. */
    public Path root() {
        return files.root();
    }

    /**
     * How long each operation takes: drawn evenly between the two, both included. Operations do not wait for each
     * other.
     *
     * @param least not negative
     * @param most not less than that
     * @return this
     */
    public SimDisk latency(Duration least, Duration most) {
        long from = Arguments.nanos(least, "least");
        long to = Arguments.nanos(most, "most");
        if (to < from) {
            throw new IllegalArgumentException("most: " + most + ", must not be less than " + least);
        }
        leastNanos = from;
        mostNanos = to;
        return this;
    }

    /**
     * How often an operation fails with "Input/output error".
     *
     * @param probability from 0 to 1
     * @return this
     */
    public SimDisk errors(double probability) {
        errors = SimChecks.probability(probability);
        return this;
    }

    /**
     * Has reads and writes of one byte fail with "Input/output error", as those of a bad sector do. What comes before
     * it is read or written.
     *
     * @param file of this disk; it need not exist yet
     * @param position of the byte, not negative
     * @return this
     */
    public SimDisk failAt(Path file, long position) {
        files.breakAt(file, Arguments.atLeast(0, position, "position"));
        return this;
    }

    /**
     * How many bytes all files together may have; a write of more fails with "No space left on device". No limit,
     * unless set; a file has at most 2 GiB.
     *
     * @param bytes not negative
     * @return this
     */
    public SimDisk capacity(long bytes) {
        files.limit(Arguments.atLeast(0, bytes, "bytes"));
        return this;
    }

    @Override
    public String toString() {
        return files.toString();
    }

    private final class Access implements DiskAccess {
        @Override
        public boolean perform(Path file) {
            SimScheduler scheduler = host.seeded();
            if (scheduler.isDriver()) {
                return true;
            }
            if (mostNanos > 0) {
                long until = scheduler.nowNanos() + host.world.random.between(leastNanos, mostNanos);
                scheduler.sleep(until, () -> false);
            } else {
                scheduler.point();
            }
            return !host.world.fault(errors, place(file), "a disk operation fails");
        }

        @Override
        public boolean failsAtBrokenPart(Path file) {
            return !host.seeded().isDriver() && host.world.fault(place(file), "a part of a file is broken");
        }

        @Override
        public void transferred(Path file, String event, long bytes, long position) {
            host.world.trace(place(file), event, bytes, position);
        }

        @Override
        public FileTime now() {
            return FileTime.from(host.clock.read(host.world.nowNanos()), TimeUnit.NANOSECONDS);
        }

        private String place(Path file) {
            return host.hostName() + ":" + file;
        }
    }
}
