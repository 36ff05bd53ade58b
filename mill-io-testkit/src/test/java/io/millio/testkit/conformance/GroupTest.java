package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.task.ComputePool;
import io.millio.task.Priority;
import io.millio.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A group without sources: its order, its turns, its shared pools. */
class GroupTest extends Conformance {
    @Override
    protected Transport transport() {
        return Transport.named("nio");
    }

    private EventLoopGroup openGroup(EventLoopBuilder builder, int loops) {
        EventLoopGroup group = builder.buildGroup(loops);
        track(() -> elsewhere(group::close));
        return group;
    }

    private EventLoopGroup openGroup(DispatchMode mode, int loops) {
        return openGroup(builder(mode), loops);
    }

    private static void driveAll(EventLoopGroup group, String until, BooleanSupplier condition) {
        Await.until(
                until,
                condition,
                () -> group.loops().forEach(loop -> {
                    if (!loop.isClosed()) {
                        loop.runOnce();
                    }
                }));
    }

    @ParameterizedTest
    @EnumSource
    void aGroupHasItsLoopsAlwaysInTheSameOrder(DispatchMode mode) {
        EventLoopGroup group = openGroup(mode, 3);
        List<EventLoop> loops = group.loops();
        assertThat(loops).hasSize(3).doesNotHaveDuplicates();
        assertThat(group.loops()).containsExactlyElementsOf(loops);
        assertThat(loops).extracting(EventLoop::toString).doesNotHaveDuplicates();
        assertThatThrownBy(() -> loops.remove(0)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aGroupNeedsALoop() {
        assertThatThrownBy(() -> builder(DispatchMode.DIRECT).buildGroup(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("loops: 0");
    }

    @Test
    void loopsThatAreEquallyFreeTakeTurns() {
        EventLoopGroup group = openGroup(DispatchMode.DIRECT, 3);
        List<EventLoop> chosen = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            chosen.add(group.next());
        }
        assertThat(chosen.subList(0, 3)).containsExactlyInAnyOrderElementsOf(group.loops());
        assertThat(chosen.subList(3, 6)).isEqualTo(chosen.subList(0, 3));
    }

    @Test
    void theLoopsShareTheirComputePoolAndEachGetsItsResults() {
        EventLoopGroup group = openGroup(DispatchMode.DIRECT, 2);
        List<EventLoop> loops = group.loops();
        assertThat(loops.get(0).computePool()).isSameAs(loops.get(1).computePool());
        List<CompletableFuture<Boolean>> inLoop = new ArrayList<>();
        for (EventLoop loop : loops) {
            CountDownLatch computed = gate();
            inLoop.add(loop.compute(Priority.NORMAL, () -> {
                        computed.await();
                        return 1;
                    })
                    .thenApply(one -> loop.inLoop()));
            computed.countDown();
        }
        driveAll(group, "both have come", () -> inLoop.stream().allMatch(CompletableFuture::isDone));
        assertThat(inLoop).allSatisfy(each -> assertThat(each).isCompletedWithValue(true));
    }

    @Test
    void aComputePoolOfTheProgramsOutlivesTheGroup() {
        ComputePool pool = ComputePool.create(1);
        track(pool::close);
        EventLoopGroup group = openGroup(builder(DispatchMode.DIRECT).computePool(pool), 2);
        assertThat(group.loops()).allMatch(loop -> loop.computePool() == pool);
        group.close();
        assertThat(pool.compute(Priority.NORMAL, () -> 1).join()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void stopMakesEveryLoopReturnAndStartGoesOn(DispatchMode mode) {
        EventLoopGroup group = openGroup(sleepy(mode), 2);
        List<Thread> drivers = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            group.start();
            AtomicInteger ran = new AtomicInteger();
            for (EventLoop loop : group.loops()) {
                loop.execute(() -> {
                    drivers.add(Thread.currentThread());
                    ran.incrementAndGet();
                });
                Await.until("it runs", () -> ran.get() == drivers.size() && ran.get() > 0);
            }
            Await.until("both run", () -> ran.get() == 2);
            group.stop();
            drivers.forEach(Conformance::join);
            drivers.clear();
        }
        assertThat(group.loops()).noneMatch(EventLoop::isClosed);
    }
}
