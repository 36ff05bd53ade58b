package io.millio.examples.jsonrpc;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Takes the answers that a {@link Dispatcher} makes. */
@FunctionalInterface
public interface Answers {
    /**
     * Delivers the answer to one message: called exactly once for each, except one that was cancelled. Loop thread.
     *
     * @param answer valid until this returns; empty if the message wants none
     * @param of what the dispatcher returned for the message; null if it has not returned yet
     */
    void answer(ByteBuffer answer, @Nullable Pending of);
}
