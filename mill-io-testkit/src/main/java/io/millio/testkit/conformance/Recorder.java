package io.millio.testkit.conformance;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.Registration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A handler that counts how it is called, and by which rules: never twice at a time, never inside another callback,
 * never after the end. What it does with an event is the test's.
 */
final class Recorder implements EventHandler {
    /** What to do with an event. */
    interface Action {
        void run(Event event) throws Exception;
    }

    private static final ThreadLocal<int[]> DEPTH = ThreadLocal.withInitial(() -> new int[1]);

    private final Action action;
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger events = new AtomicInteger();
    private final AtomicInteger shutdowns = new AtomicInteger();
    private final AtomicInteger closes = new AtomicInteger();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private volatile @Nullable Throwable cause;

    Recorder(Action action) {
        this.action = action;
    }

    /** Does nothing with its events, so that what is ready stays so. */
    Recorder() {
        this(event -> {});
    }

    @Override
    public void handle(Event event) throws Exception {
        enter("handle");
        try {
            events.incrementAndGet();
            action.run(event);
        } finally {
            leave();
        }
    }

    @Override
    public void onShutdown(Registration registration) throws Exception {
        enter("onShutdown");
        try {
            shutdowns.incrementAndGet();
            EventHandler.super.onShutdown(registration);
        } finally {
            leave();
        }
    }

    @Override
    public void onClose(Registration registration, @Nullable Throwable why) {
        enter("onClose");
        cause = why;
        closes.incrementAndGet();
        leave();
    }

    private void enter(String what) {
        if (inside.getAndIncrement() != 0) {
            violations.add(what + " while another callback runs");
        }
        if (DEPTH.get()[0]++ != 0) {
            violations.add(what + " inside another callback");
        }
        if (closes.get() != 0) {
            violations.add(what + " after onClose");
        }
    }

    private void leave() {
        DEPTH.get()[0]--;
        inside.decrementAndGet();
    }

    int events() {
        return events.get();
    }

    int shutdowns() {
        return shutdowns.get();
    }

    int closes() {
        return closes.get();
    }

    @Nullable
    Throwable cause() {
        return cause;
    }

    boolean isInside() {
        return inside.get() != 0;
    }

    /** The rules that were broken. */
    List<String> violations() {
        return violations;
    }
}
