package io.millio.testkit;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.Resolver;
import io.millio.task.ComputePool;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** Makes the loops of a simulated host, and has the network drive them. For the driver. */
final class SimLoops {
    private static final int WORKERS = 4;

    /** How long closing a loop takes at most, where nothing holds it up. */
    private static final long CLOSE_NANOS = 1_000_000_000;

    private final SimHost host;
    private final Resolver resolver;
    private int made;

    SimLoops(SimHost host, Resolver resolver) {
        this.host = host;
        this.resolver = resolver;
    }

    EventLoop loop(UnaryOperator<EventLoopBuilder> settings) {
        EventLoop loop = settings.apply(settings("loop")).build();
        begin(loop);
        return loop;
    }

    EventLoopGroup group(int count, UnaryOperator<EventLoopBuilder> settings) {
        EventLoopGroup group = settings.apply(settings("group")).buildGroup(count);
        group.loops().forEach(this::begin);
        return group;
    }

    private void begin(EventLoop loop) {
        host.loops.add(loop);
        drive(loop);
    }

    void drive(EventLoop loop) {
        host.seeded().begin(new Strand(loop.toString(), host), () -> run(loop));
    }

    private EventLoopBuilder settings(String kind) {
        host.seeded();
        ComputePool computePool = ComputePool.builder()
                .executor(host.executor(2))
                .nanoClock(host::readClock)
                .errorHandler((task, failure) -> host.world.failed(failure))
                .build();
        return EventLoop.builder()
                .transport(host)
                .nanoClock(host::readClock)
                .name(host.hostName() + "-" + kind + ++made)
                .pollTimeout(Duration.ofNanos(SimHost.POLL_TIMEOUT_NANOS))
                .executor(host.executor(WORKERS))
                .computePool(computePool)
                .errorHandler(host.world::error)
                .resolver(resolver)
                .threadFactory(task -> {
                    throw new IllegalStateException("a simulated loop has no threads of the system's");
                });
    }

    private void run(EventLoop loop) {
        try {
            if (!loop.isClosed()) {
                loop.run();
            }
        } catch (Strand.Abandoned e) {
            throw e;
        } catch (RuntimeException | Error e) {
            SimScheduler scheduler = host.seeded();
            if (e instanceof IllegalStateException) { // a thread that closes it may be running it, to its end
                scheduler.sleep(scheduler.nowNanos() + CLOSE_NANOS, loop::isClosed);
            }
            if (!loop.isClosed()) {
                host.world.failed(e);
            }
        }
    }
}
