package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.millio.linux.sys.Architecture;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Function;
import io.millio.linux.sys.Layouts;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import io.millio.linux.sys.UseCount;
import io.millio.transport.EventSink;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An epoll instance, level-triggered, and an eventfd that wakes it.
 *
 * <p>A source is armed when it is added; a change of interest is passed to epoll just before the next wait, and only if
 * there is a net one. Hang-ups and errors, which epoll always reports, are armed by edge while the interest does not
 * include them, and so are reported once. The eventfd is watched by edges too, so that it need not be read.
 *
 * <p>Epoll knows a source by slot and generation, so that stale events for a reused slot are dropped.
 */
final class EpollPoller extends UseCount implements Poller {
    private static final int MAX_BATCH = 4096;
    private static final long WAKE_DATA = -1;
    private static final long NEXT_GENERATION = 1L << 32;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int FAILED = Readiness.READABLE | Readiness.WRITABLE | Readiness.ERROR;
    private static final int ONCE = Readiness.READ_CLOSED | Readiness.WRITE_CLOSED | Readiness.ERROR;

    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(EpollKey[].class);
    private static final MemorySegment ONE = Arena.global().allocateFrom(JAVA_LONG, 1);

    private final int epoll;
    private final int wakeFd;
    private final LongSupplier nanoClock;

    // Of the turn: what an interrupt ends, errno, the time-out, and the events.
    private InterruptedSleep sleep = new InterruptedSleep(this);
    private final int batch;
    private final MemorySegment errno;
    private final MemorySegment timespec;
    private final MemorySegment events;

    // Written by any thread that wakes and read by none: so that a wake-up needs no memory.
    private final MemorySegment wakeErrno;

    // The last of the keys whose interest may differ from what is armed, linked through themselves. Loop's turn.
    private @Nullable EpollKey changed;

    // Guards the slots, and that what is done to epoll for a key is not done for one that has been removed.
    private final Object lock = new Object();

    // Written under the lock, and replaced when it grows; its elements are stored with release, and loaded with acquire
    // in the turn. A slot is set before epoll can report its events.
    private volatile @Nullable EpollKey[] slots = new EpollKey[64];
    private long[] free = new long[64]; // the next data of the slots that were freed: their generation is one more
    private int freeCount;
    private int usedSlots;

    // Keys of sources that their users have closed; its own synchronization.
    private final ConcurrentLinkedQueue<EpollKey> closedSources = new ConcurrentLinkedQueue<>();

    // Whether the loop waits, or is about to. Written volatile before it looks at the closedSources; read volatile
    // after a
    // thread has put one there: one of the two sees the other.
    private volatile boolean waiting;

    EpollPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        this.nanoClock = nanoClock;
        this.batch = Math.min(eventCapacity, MAX_BATCH);
        Arena arena = Arena.ofAuto();
        this.errno = arena.allocate(Function.ERRNO_BYTES, 8);
        this.wakeErrno = arena.allocate(Function.ERRNO_BYTES, 8);
        this.timespec = arena.allocate(Layouts.TIMESPEC_SIZE, 8);
        this.events = arena.allocate((long) batch * Architecture.EPOLL_EVENT_BYTES, 16);
        String what = "opening a poller";
        this.epoll = (int) Errno.check(Libc.Epoll.CREATE.call(errno, Constants.EPOLL_CLOEXEC), what);
        this.wakeFd = Libc.Epoll.EVENTFD.call(errno, 0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK);
        try {
            Errno.check(wakeFd, what);
            int watched = control(Constants.EPOLL_CTL_ADD, wakeFd, Constants.EPOLLIN | Constants.EPOLLET, WAKE_DATA);
            Errno.check(watched, what);
        } catch (IOException e) {
            closeDescriptors();
            throw e;
        }
    }

    /** Any thread. */
    private int control(int operation, int fd, int wanted, long data) {
        try (Scratch scratch = Scratch.take()) {
            scratch.value.set(JAVA_INT, 0, wanted);
            scratch.value.set(JAVA_LONG_UNALIGNED, Architecture.EPOLL_EVENT_DATA, data);
            return Libc.Epoll.CTL.call(scratch.errno, epoll, operation, fd, scratch.value.address());
        }
    }

    // ---- adding and removing, any thread

    @Override
    public Key add(Source source, Object attachment, Interest interest) throws IOException {
        if (!(source instanceof Descriptor own)) {
            throw new IllegalArgumentException(
                    "source: transport epoll can't poll a " + source.getClass().getName() + ": " + source);
        }
        EpollKey key = new EpollKey(this, own, attachment, interest.bits());
        if (!own.claim(key)) {
            if (!own.isOpen()) {
                throw closed(own);
            }
            throw new IllegalStateException("source: already registered: " + source);
        }
        try {
            addClaimed(key);
            return key;
        } catch (Throwable t) {
            key.removed = true; // a close in the meantime may have queued it: it must not be reported
            own.release(key);
            throw t;
        }
    }

    private static ClosedChannelException closed(Descriptor source) {
        ClosedChannelException closed = new ClosedChannelException();
        closed.initCause(new IOException("source: closed: " + source));
        return closed;
    }

    private void addClaimed(EpollKey key) throws IOException {
        if (!key.source.enter()) {
            throw closed(key.source);
        }
        try {
            if (!enter()) {
                throw new IOException("the poller is closed");
            }
            try {
                int result = addToEpoll(key);
                if (result == -Errno.EPERM) {
                    throw new IOException(
                            "source: can't be polled, as no regular file or directory can: " + key.source);
                }
                if (result < 0) { // what a source calls itself takes system calls to find out: only for a failure
                    throw Errno.ofFile(-result, "registering " + key.source);
                }
            } finally {
                leaveAndClose();
            }
        } finally {
            key.source.end();
        }
    }

    private int addToEpoll(EpollKey key) {
        synchronized (lock) {
            takeSlot(key);
            int result = control(Constants.EPOLL_CTL_ADD, key.source.fd, key.armed, key.data);
            if (result < 0) {
                key.removed = true;
                freeSlot(key);
            }
            return result;
        }
    }

    private void takeSlot(EpollKey key) {
        if (freeCount == 0 && usedSlots == slots.length) {
            free = Arrays.copyOf(free, usedSlots * 2);
            slots = Arrays.copyOf(slots, usedSlots * 2); // last: it decides whether there is room
        }
        key.data = freeCount > 0 ? free[--freeCount] : usedSlots++;
        SLOTS.setRelease(slots, (int) key.data, key);
    }

    private void freeSlot(EpollKey key) {
        SLOTS.setRelease(slots, (int) key.data, null);
        free[freeCount++] = key.data + NEXT_GENERATION;
    }

    @Override
    public void remove(Key key) {
        EpollKey own = (EpollKey) key;
        synchronized (lock) {
            if (own.removed) {
                return;
            }
            own.removed = true;
            freeSlot(own);
            if (!own.source.enter()) {
                return; // it is being closed, and takes its descriptor out of epoll itself, for which it keeps the key
            }
            forget(own.source.fd);
            own.source.end();
        }
        own.source.release(own);
    }

    /** Takes a descriptor out of epoll that is in use by the caller. Any thread. */
    void forget(int fd) {
        if (enter()) {
            try {
                control(Constants.EPOLL_CTL_DEL, fd, 0, 0); // fails if it is out already, which is as well
            } finally {
                leaveAndClose();
            }
        }
    }

    /** The source of this key was closed by its user. Any thread. */
    void sourceClosed(EpollKey key) {
        closedSources.add(key);
        if (waiting) {
            wakeup();
        }
    }

    // ---- the turn

    @Override
    public void modify(Key key, Interest interest) {
        EpollKey own = (EpollKey) key;
        own.interestBits = interest.bits();
        own.quiet = false;
        queueChange(own);
    }

    private void queueChange(EpollKey key) {
        if (!key.changeQueued) {
            key.changeQueued = true;
            key.nextChanged = changed;
            changed = key;
        }
    }

    @Override
    public void poll(long deadlineNanos, EventSink sink) throws IOException {
        if (isShut()) {
            throw new IOException("the poller is closed");
        }
        boolean reported = reportClosed(sink);
        reported |= applyChanges(sink);
        int count = await(reported ? 0 : deadlineNanos - nanoClock.getAsLong());
        report(count, sink);
    }

    private boolean reportClosed(EventSink sink) {
        boolean reported = false;
        for (@Nullable EpollKey key; (key = closedSources.poll()) != null; ) {
            if (!key.removed) {
                sink.ready(key.attachment, Readiness.CLOSED);
                reported = true;
            }
        }
        return reported;
    }

    private boolean applyChanges(EventSink sink) {
        boolean reported = false;
        for (EpollKey key; (key = changed) != null; ) {
            changed = key.nextChanged;
            key.nextChanged = null;
            key.changeQueued = false;
            int wanted = key.events();
            if (wanted != key.armed) {
                key.armed = wanted;
                if (apply(key) < 0 && !key.removed) {
                    // A borrowed descriptor that its owner has closed, for instance: the next read or write fails.
                    sink.ready(key.attachment, FAILED);
                    reported = true;
                }
            }
        }
        return reported;
    }

    private int apply(EpollKey key) {
        synchronized (lock) {
            if (key.removed || !key.source.enter()) {
                return 0;
            }
            int result = control(Constants.EPOLL_CTL_MOD, key.source.fd, key.armed, key.data);
            key.source.end();
            return result;
        }
    }

    private int await(long nanos) throws IOException {
        int result;
        if (nanos <= 0) {
            result = awaitNanos(0);
        } else {
            if (!sleep.isOpen()) {
                sleep = new InterruptedSleep(this);
            }
            sleep.started();
            try {
                waiting = true;
                result = awaitNanos(closedSources.isEmpty() ? nanos : 0);
            } finally {
                waiting = false;
                sleep.ended();
            }
        }
        return result == -Errno.EINTR ? 0 : (int) Errno.check(result, "polling");
    }

    private int awaitNanos(long nanos) {
        if (SystemProbe.WAITS_BY_NANOS) {
            timespec.set(JAVA_LONG, Layouts.TIMESPEC__TV_SEC, nanos / NANOS_PER_SECOND);
            timespec.set(JAVA_LONG, Layouts.TIMESPEC__TV_NSEC, nanos % NANOS_PER_SECOND);
            return Libc.epollWait(errno, epoll, events.address(), batch, timespec.address());
        }
        return Libc.Epoll.WAIT.call(errno, epoll, events.address(), batch, millis(nanos));
    }

    /** Rounded up: a timer must not find that it has been woken too early, again and again. */
    private static int millis(long nanos) {
        return nanos == 0 ? 0 : (int) Math.min((nanos - 1) / NANOS_PER_MILLI + 1, Integer.MAX_VALUE);
    }

    private void report(int count, EventSink sink) {
        @Nullable EpollKey[] known = slots;
        for (int i = 0; i < count; i++) {
            long at = (long) i * Architecture.EPOLL_EVENT_BYTES;
            long data = events.get(JAVA_LONG_UNALIGNED, at + Architecture.EPOLL_EVENT_DATA);
            if (data == WAKE_DATA) {
                continue;
            }
            EpollKey key = (EpollKey) SLOTS.getAcquire(known, (int) data);
            if (key != null && key.data == data && !key.removed) {
                report(key, events.get(JAVA_INT, at), sink);
            }
        }
    }

    private void report(EpollKey key, int occurred, EventSink sink) {
        int ready = occurred == Constants.EPOLLIN ? Readiness.READABLE : key.source.readiness(occurred);
        boolean wanted = (ready & key.interestBits) != 0;
        if (key.quiet == wanted && key.interestBits != 0) {
            key.quiet = !wanted;
            queueChange(key);
        }
        int reported = ready & (key.interestBits | ONCE);
        if (reported != 0) {
            sink.ready(key.attachment, reported);
        }
    }

    // ---- waking and closing

    @Override
    public void wakeup() {
        if (enter()) {
            try {
                Libc.Files.WRITE.call(wakeErrno, wakeFd, ONE.address(), Long.BYTES);
            } finally {
                leaveAndClose();
            }
        }
    }

    private void leaveAndClose() {
        if (leave()) {
            closeDescriptors();
        }
    }

    private void closeDescriptors() {
        Libc.close(epoll);
        if (wakeFd >= 0) {
            Libc.close(wakeFd);
        }
    }

    @Override
    public void close() {
        if (shut()) {
            leaveAndClose();
        }
    }
}
