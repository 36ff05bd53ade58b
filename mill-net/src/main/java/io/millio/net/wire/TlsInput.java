package io.millio.net.wire;

import io.millio.net.account.MemoryAccount;
import io.millio.pool.BufferPool;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What has come from the socket and waits: records that are not whole or not asked for yet, and decrypted bytes for
 * which the reader had no room. Both are in leased buffers. Loop only.
 */
final class TlsInput {
    private final TlsBuffers buffers;
    private final BufferPool pool;
    private final MemoryAccount account;

    private @Nullable Chunk held;
    private @Nullable Chunk plain;
    private boolean heldMayBeWhole;

    /** Whether the call in progress has read from the socket. */
    private boolean loaded;

    /** Whether the peer has sent anything. */
    boolean any;

    /** Whether the peer's output has ended, or nothing behind this counts. */
    boolean ended;

    TlsInput(TlsBuffers buffers, BufferPool pool, MemoryAccount account) {
        this.buffers = buffers;
        this.pool = pool;
        this.account = account;
    }

    /** Bytes that were read before there was this. */
    void feed(ByteBuffer bytes) {
        keep(bytes, true);
        any = true;
    }

    /** What is held, and behind it what the socket has unless that may be enough; it is not held any more. */
    ByteBuffer load(TcpStream stream) throws IOException {
        ByteBuffer in = buffers.in.clear();
        loaded = false;
        Chunk before = held;
        if (before != null) {
            in.put(before.buffer);
            held = null;
            before.release();
        }
        return before != null && heldMayBeWhole ? in.flip() : read(stream, in);
    }

    /** More behind what is left of what was loaded; false if the socket has been asked already. */
    boolean loadMore(TcpStream stream, ByteBuffer in) throws IOException {
        if (loaded) {
            return false;
        }
        read(stream, in.compact());
        return true;
    }

    private ByteBuffer read(TcpStream stream, ByteBuffer in) throws IOException {
        loaded = true;
        if (!ended) {
            int got = stream.read(in);
            ended = got < 0;
            any |= got > 0;
        }
        return in.flip();
    }

    /**
     * Holds what is left of what was loaded.
     *
     * @param mayBeWhole whether there may be a whole record in it
     */
    void keep(ByteBuffer bytes, boolean mayBeWhole) {
        heldMayBeWhole = mayBeWhole;
        held = Chunk.of(bytes, pool, account);
    }

    /** Holds decrypted bytes, and gives the reader as many as it has room for. */
    void keepPlain(ByteBuffer bytes, ByteBuffer to) {
        plain = Chunk.of(bytes, pool, account);
        takePlain(to);
    }

    boolean hasPlain() {
        return plain != null;
    }

    /** Gives the reader what was decrypted before; returns how many bytes, 0: there was nothing. */
    int takePlain(ByteBuffer to) {
        Chunk kept = plain;
        if (kept == null) {
            return 0;
        }
        ByteBuffer from = kept.buffer;
        int count = Math.min(from.remaining(), to.remaining());
        to.put(to.position(), from, from.position(), count);
        to.position(to.position() + count);
        from.position(from.position() + count);
        if (!from.hasRemaining()) {
            plain = null;
            kept.release();
        }
        return count;
    }

    /** Whether a read may get something without the socket. */
    boolean holdsSome() {
        return plain != null || (held != null && heldMayBeWhole);
    }

    void release() {
        Chunk first = held;
        Chunk second = plain;
        held = null;
        plain = null;
        try {
            Chunk.releaseIfAny(first);
        } finally {
            Chunk.releaseIfAny(second);
        }
    }
}
