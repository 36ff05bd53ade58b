package io.millio.examples.jsonrpc;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A message of which slow calls are under way: it is answered when the last of them has ended. In the loop only. */
public final class Pending {
    private static final byte[] NONE = {};

    private final Answers to;
    private final boolean batch;
    private final List<CompletableFuture<byte[]>> calls = new ArrayList<>();
    private final List<byte[]> answers = new ArrayList<>();
    private int left = 1; // one is for the dispatcher, until it has looked at the whole message
    private boolean cancelled;

    Pending(Answers to, boolean batch) {
        this.to = to;
        this.batch = batch;
    }

    /** How many slow calls the message has. */
    public int calls() {
        return calls.size();
    }

    /** Takes out the calls that have not begun; the message is not answered any more. */
    public void cancel() {
        cancelled = true;
        List.copyOf(calls).forEach(each -> each.cancel(false));
    }

    /**
     * Starts a call.
     *
     * @throws java.util.concurrent.RejectedExecutionException if there is no room for it
     */
    void start(Offload to, Callable<byte[]> task, Function<@Nullable Throwable, byte[]> whenFailed) {
        boolean started = false;
        left++;
        try {
            calls.add(
                    to.compute(task, (answer, failure) -> ended(answer != null ? answer : whenFailed.apply(failure))));
            started = true;
        } finally {
            if (!started) {
                left--;
            }
        }
    }

    /** What is answered already, without the brackets of a batch; true if all is. */
    boolean begun(byte[] before) {
        if (left == 1) {
            answers.add(0, before);
            return true;
        }
        ended(before);
        return false;
    }

    private void ended(byte[] answer) {
        if (answer.length > 0) {
            answers.add(answer);
        }
        if (--left == 0 && !cancelled) {
            to.answer(all(), this);
        }
    }

    /** All answers as one message. */
    ByteBuffer all() {
        answers.removeIf(each -> each.length == 0);
        if (answers.isEmpty()) {
            return ByteBuffer.wrap(NONE);
        }
        if (!batch) {
            return ByteBuffer.wrap(answers.get(0));
        }
        ByteBuffer all = ByteBuffer.allocate(
                1 + answers.stream().mapToInt(each -> each.length + 1).sum());
        char before = '[';
        for (byte[] each : answers) {
            all.put((byte) before).put(each);
            before = ',';
        }
        return all.put((byte) ']').flip();
    }
}
