package io.millio.examples.jsonrpc;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Takes the answers that a {@link Dispatcher} makes. */
@FunctionalInterface
public interface Answers {
    /**
     * The answer to one message: told exactly once for each, but for one that was cancelled. In the loop.
     *
     * @param answer valid until this returns; empty if the message wants none
     * @param of what the dispatcher returned for the message; null if it has not returned yet
     */
    void answer(ByteBuffer answer, @Nullable Pending of);
}
