package io.millio.net;

import io.millio.net.wire.Chunk;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The way out. In the loop, little that the callback under way writes is gathered in the loop's buffer and leaves with
 * the settling; much is written at once. What the system does not take, and what other threads write, waits in a queue.
 *
 * <pre>
 *   write --- in a callback of this connection, nothing queued ---&gt; gather --+
 *     |                                                                       +-- one call --&gt; socket
 *     +------ elsewhere, or something is queued -----------------&gt; queue ---+
 * </pre>
 */
abstract class ConnectionOutput extends ConnectionState {
    private static final int LARGE_BYTES = 16 * 1024;
    private static final int MAX_CALL_BYTES = 1 << 20;

    /** So that a fast peer does not hold up the others. */
    private static final int CALLS_PER_SETTLING = 8;

    private static final VarHandle QUEUED_BYTES;
    private static final VarHandle QUEUE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            QUEUED_BYTES = lookup.findVarHandle(ConnectionOutput.class, "queuedBytes", long.class);
            QUEUE = lookup.findVarHandle(ConnectionOutput.class, "queue", WriteQueue.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Made once, by compare-and-set, when something has to wait for the first time.
    @SuppressWarnings("unused")
    private volatile @Nullable WriteQueue queue;

    // What is in the queue, counted by its writers before they add and by the loop after it has written: atomic.
    @SuppressWarnings("unused")
    private volatile long queuedBytes;

    ConnectionOutput(Residents residents, ConnectionHandler handler) {
        super(residents, handler);
    }

    // ---- any thread

    @Override
    public final boolean write(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (!takesWrites()) {
            return false;
        }
        if (!net().loop.inLoop()) {
            boolean goOn = reserve(count);
            if (!queue().offer(bytes, options().buffers())) {
                add(-count);
                return false;
            }
            return settleSoon() && goOn;
        }
        if (isQueueEmpty() && !is(BLOCKED | ENDING | WRITE_HELD)) {
            if (count >= LARGE_BYTES && writing == null) {
                return writeNow(bytes);
            }
            if (is(CURRENT) && count < LARGE_BYTES) {
                return gather(bytes);
            }
        }
        boolean goOn = reserve(count);
        queue().pieces.append(bytes, options().buffers());
        settleSoon();
        return goOn;
    }

    @Override
    public final boolean write(ByteBuffer bytes, WriteCompletion completion) {
        Piece piece = new Piece.Lent(bytes, Objects.requireNonNull(completion, "completion"));
        if (takesWrites()) {
            int count = bytes.remaining();
            boolean goOn = reserve(count);
            if (queue().offer(piece)) {
                return settleSoon() && goOn;
            }
            add(-count);
        }
        self().tellLater(piece);
        return false;
    }

    @Override
    public final CompletableFuture<Long> transferFrom(Path file, long position, long count, FileCheck check) {
        Objects.requireNonNull(file, "file");
        FilePiece piece = new FilePiece(file, position, count, Objects.requireNonNull(check, "check"));
        if (takesWrites() && queue().offer(piece)) {
            settleSoon();
        } else {
            self().tellLater(piece);
        }
        return piece.result();
    }

    private boolean takesWrites() {
        if (wishes(SHUT)) {
            throw new IllegalStateException("output is shut down: " + this);
        }
        return !wishes(CLOSE | ABORT | ENDED);
    }

    @Override
    public final long queuedBytes() {
        return queuedBytes;
    }

    /** Counts bytes before they are queued; returns whether the writer may go on. */
    private boolean reserve(int count) {
        long max = options().maxQueuedBytes();
        long before;
        do {
            before = queuedBytes;
            if (before + count > max) {
                throw refused(count, before);
            }
        } while (!QUEUED_BYTES.compareAndSet(this, before, before + count));
        return goesOn(before + count);
    }

    private WriteRefusedException refused(int count, long queued) {
        return new WriteRefusedException("bytes: " + count + ", with " + queued + " queued would be more than "
                + options().maxQueuedBytes() + ": " + this);
    }

    /** The mark is set before the bytes are queued: whoever writes the last of them sees it. */
    private boolean goesOn(long total) {
        if (total <= options().highWatermark()) {
            return true;
        }
        wish(FULL);
        return false;
    }

    private void add(long count) {
        QUEUED_BYTES.getAndAdd(this, count);
    }

    final WriteQueue queue() {
        WriteQueue known = queue;
        if (known == null) {
            known = new WriteQueue();
            WriteQueue first = (WriteQueue) QUEUE.compareAndExchange(this, null, known);
            known = first == null ? known : first;
        }
        return known;
    }

    // ---- in the turn

    private int gatheredBytes() {
        return is(CURRENT) ? net().gather.position() : 0;
    }

    /** Whether nothing is queued; what is gathered does not count. */
    final boolean isQueueEmpty() {
        WriteQueue known = queue;
        if (known == null) {
            return true;
        }
        known.takeInbox();
        return known.isEmpty();
    }

    /** Whether there is nothing left to write. */
    final boolean isAllWritten() {
        return gatheredBytes() == 0 && isQueueEmpty() && !wire.holdsOutput();
    }

    private boolean gather(ByteBuffer bytes) {
        ByteBuffer gather = net().gather;
        if (gather.remaining() < bytes.remaining()) {
            flush();
            if (is(BLOCKED | ENDING | WRITE_HELD)) {
                return write(bytes);
            }
        }
        gather.put(bytes);
        return goesOn(gather.position());
    }

    /** Much, and nothing is queued: the system takes it from the caller's buffer, and only the rest is copied. */
    private boolean writeNow(ByteBuffer bytes) {
        long queued = queuedBytes;
        if (queued + bytes.remaining() > options().maxQueuedBytes()) {
            throw refused(bytes.remaining(), queued);
        }
        try {
            do {
                send(bytes);
            } while (bytes.hasRemaining() && !is(BLOCKED));
        } catch (IOException e) {
            failed(e);
            return false;
        }
        if (!bytes.hasRemaining()) {
            if (wire.holdsOutput()) {
                settleSoon();
            }
            return true;
        }
        add(bytes.remaining());
        queue().pieces.append(bytes, options().buffers());
        settleSoon();
        return goesOn(queuedBytes);
    }

    /** Writes what is there, up to a number of calls; the rest comes with the next settling. */
    final void flush() {
        try {
            if (is(BLOCKED | ENDING)) {
                return;
            }
            if (gatheredBytes() > 0 && isQueueEmpty() && writing == null) {
                sendGathered();
                return;
            }
            if (wire.holdsOutput()) {
                flushWire();
            }
            for (int calls = 0; !is(BLOCKED | ENDING | WRITE_HELD) && !isAllWritten(); calls++) {
                if (calls == CALLS_PER_SETTLING) {
                    net().later(self());
                    return;
                }
                if (!send(null)) {
                    return; // what comes next is still being read from a file
                }
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void flushWire() throws IOException {
        if (!wire.flush(stream())) {
            state |= BLOCKED;
        }
        Timeouts known = timeouts;
        if (known != null) {
            known.wrote();
        }
    }

    /** The common case of {@link #send}: what a callback has written, and nothing else. */
    private void sendGathered() throws IOException {
        ByteBuffer gather = net().gather.flip();
        int gathered = gather.limit();
        int written = 0;
        try {
            written = wire.write(stream(), gather);
        } finally {
            spill(gather);
        }
        sent(written, gathered);
    }

    /**
     * One call: what is gathered, and behind it what is queued or else the large buffer. False if there was nothing.
     */
    private boolean send(@Nullable ByteBuffer large) throws IOException {
        NetLoop net = net();
        ByteBuffer[] vector = net.vector;
        int gathered = gatheredBytes();
        if (large == null && gathered == 0 && queue().pieces.head instanceof FilePiece file) {
            long sendable = file.sendableBytes(self());
            if (sendable > 0) {
                return send(file, Math.min(sendable, MAX_CALL_BYTES));
            }
            if (file.ready(self()) == null) {
                return takeWritten(0); // what is not there yet needs no permits, and no place in a line
            }
        }
        long offered = gathered;
        long most = MAX_CALL_BYTES;
        Pace pace = writing;
        if (pace != null) {
            most = pace.take(Math.max(1, Math.min(most, gathered + queuedBytes)));
            if (most == 0) {
                hold(gathered);
                return false;
            }
        }
        int length = 0;
        if (gathered > 0) {
            vector[length++] = net.gather.flip();
        }
        Piece piece = large == null ? queue().pieces.head : null;
        ByteBuffer add = large != null ? large : piece == null ? null : piece.ready(self());
        ByteBuffer last = net.gather;
        while (add != null && offered < most && length < vector.length) {
            last = add;
            vector[length++] = add;
            offered += add.remaining();
            piece = piece != null && piece.isReadyWhole() && offered < most ? piece.next : null;
            add = piece == null ? null : piece.ready(self());
        }
        int lastLimit = last.limit();
        if (offered > most) {
            last.limit(lastLimit - (int) (offered - most));
            offered = most;
        }
        long written = 0;
        try {
            if (offered > 0) {
                written = length == 1 ? wire.write(stream(), vector[0]) : wire.write(stream(), vector, length);
            }
        } finally {
            last.limit(lastLimit);
            if (pace != null) {
                pace.moved(most, written);
            }
            Arrays.fill(vector, 0, length, net.gather); // keeps nothing alive
            if (gathered > 0) {
                spill(net.gather);
            }
        }
        sent(written, offered);
        return (large == null && takeWritten(written - Math.min(written, gathered))) || offered > 0;
    }

    /** One call in which the system sends from a file by itself. */
    private boolean send(FilePiece file, long sendable) throws IOException {
        Pace pace = writing;
        long most = pace == null ? sendable : pace.take(sendable);
        if (most == 0) {
            return false;
        }
        long written = -1;
        try {
            written = file.send(self(), most);
        } finally {
            if (pace != null) {
                pace.moved(most, Math.max(0, written));
            }
        }
        if (written >= 0) {
            sent(written, most);
        }
        takeWritten(0);
        return true;
    }

    private void sent(long written, long offered) {
        if (written < offered || wire.holdsOutput()) {
            state |= BLOCKED;
        }
        if (written > 0) {
            Timeouts known = timeouts;
            if (known != null) {
                known.wrote();
            }
        }
    }

    /** A limit lets nothing through: what is gathered waits in the queue. */
    private void hold(int gathered) {
        if (gathered > 0) {
            spill(net().gather.flip());
        }
    }

    /** What was gathered and the system did not take is the first of the queue. */
    private void spill(ByteBuffer gather) {
        int rest = gather.remaining();
        if (rest > 0) {
            Chunk chunk = Chunk.ofSize(rest, options().buffers());
            chunk.append(gather);
            add(rest);
            queue().pieces.addFirst(new Piece.Copied(chunk));
        }
        gather.clear();
    }

    /** Takes out the pieces that have been written; returns whether there was one. */
    private boolean takeWritten(long fromQueue) {
        if (fromQueue > 0) {
            add(-fromQueue);
        }
        WriteQueue from = queue();
        boolean any = false;
        for (Piece head; (head = from.pieces.head) != null && head.isWritten(); ) {
            from.pieces.poll();
            any = true;
            if (head.ended()) {
                from.written.add(head);
            }
        }
        return any;
    }

    /** A slice of a file counts from when it is in memory. */
    final void sliceRead(int bytes) {
        add(bytes);
    }

    /** Tells the writes that have ended, then whoever was told to stop; returns whether it has told anything. */
    final boolean tellWritten() {
        WriteQueue known = queue;
        boolean told = false;
        for (Piece piece; known != null && (piece = known.written.poll()) != null; told = true) {
            tell(piece, null);
        }
        if (wishes(FULL)
                && queuedBytes + gatheredBytes() <= options().lowWatermark()
                && !wishes(CLOSE | ABORT | ENDED)) {
            unwish(FULL);
            told = true;
            try {
                handler.onWritable(self());
            } catch (Throwable t) {
                handlerFailed(t);
            }
        }
        return told;
    }

    private void tell(Piece piece, @Nullable Throwable why) {
        try {
            piece.tell(self(), why);
        } catch (Throwable t) {
            handlerFailed(t);
        }
    }

    /** Takes nothing any more, and tells each write that it was cancelled. In the turn, or when the loop is closed. */
    final void cancelWrites() {
        WriteQueue from = queue();
        from.close();
        if (writing != null) {
            writing.ended(queuedBytes);
        }
        for (Piece piece; (piece = from.written.poll()) != null; ) {
            tell(piece, null);
        }
        for (Piece piece; (piece = from.pieces.poll()) != null; ) {
            if (piece.ended()) {
                tell(piece, Piece.cancelled());
            }
        }
        QUEUED_BYTES.setVolatile(this, 0L);
    }

    final boolean hasQueue() {
        return queue != null;
    }
}
