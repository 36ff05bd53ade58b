package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.task.Queues;
import io.millio.transport.Transport;
import java.util.Locale;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** The options that every server example has for its loops. */
final class LoopOptions {
    /** Where handlers run. */
    enum Dispatch {
        DIRECT,
        WORKERS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int DEFAULT_WORKERS = 4;
    private static final int DEFAULT_LOOPS = 1;

    private static final Option TRANSPORT =
            Declare.value("transport", "Transport, epoll or nio (default: the best there is).");
    private static final Option DISPATCH = Declare.value(
            "dispatch", "Where handlers run: on worker threads, or direct, on the loop's own (default workers).");
    private static final Option WORKERS = Declare.value("workers", "Worker threads (default " + DEFAULT_WORKERS + ").");
    private static final Option QUEUES = Declare.value(
            "queues", "How events wait for workers: in one shared queue, or one per-worker (default shared).");
    private static final Option LOOPS = Declare.value("loops", "Event loops (default " + DEFAULT_LOOPS + ").");

    private final String command;
    private final @Nullable String transport;
    private final Dispatch dispatch;
    private final int workers;
    private final Queues queues;
    private final int loops;

    LoopOptions(Arguments arguments) {
        command = arguments.program();
        transport = arguments.textOf(TRANSPORT);
        dispatch = arguments.enumOf(DISPATCH, Dispatch.values(), Dispatch.WORKERS);
        workers = arguments.intOf(WORKERS, DEFAULT_WORKERS, 1, Integer.MAX_VALUE);
        queues = arguments.enumOf(QUEUES, Queues.values(), Queues.SHARED);
        loops = arguments.intOf(LOOPS, DEFAULT_LOOPS, 1, Integer.MAX_VALUE);
    }

    static void addTo(Syntax syntax) {
        syntax.add(TRANSPORT, DISPATCH, WORKERS, QUEUES, LOOPS);
    }

    /** Opens the loops; the caller closes them. */
    EventLoopGroup openLoops() {
        EventLoopBuilder builder = EventLoop.builder().noPollTimeout();
        if (transport != null) {
            builder.transport(Transport.named(transport));
        }
        if (dispatch == Dispatch.DIRECT) {
            builder.direct();
        } else {
            builder.workers(workers).workerQueues(queues);
        }
        return builder.buildGroup(loops);
    }

    /** What the ready line says of the settings. */
    String describe(EventLoopGroup group) {
        return "transport " + group.loops().get(0).transport().name() + ", dispatch " + dispatch
                + (dispatch == Dispatch.WORKERS ? ", workers " + workers : "")
                + (loops > 1 ? ", loops " + loops : "");
    }

    /** The name of the example. */
    String command() {
        return command;
    }
}
