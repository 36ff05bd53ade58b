package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.task.ComputePool;
import io.millio.task.Priority;
import io.millio.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Computations beside the loop, whose results come back into it. */
class ComputationTest extends Conformance {
    @Override
    protected Transport transport() {
        return Transport.named("nio");
    }

    private static final class OnPurpose extends Exception {
        private static final long serialVersionUID = 1;
    }

    private ComputePool oneWorker() {
        ComputePool pool = ComputePool.create(1);
        track(pool::close);
        return pool;
    }

    /** All priorities on one thread: without the one that a pool of its own threads keeps for the higher ones. */
    private ComputePool oneThread() {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        ComputePool pool = ComputePool.builder().executor(thread).build();
        track(() -> {
            pool.close();
            thread.shutdown();
        });
        return pool;
    }

    private EventLoop openOn(ComputePool pool) {
        return open(builder(DispatchMode.DIRECT).computePool(pool));
    }

    /** A computation that has begun, and ends when the gate is opened. */
    private static CompletableFuture<String> begin(EventLoop loop, CountDownLatch goOn) {
        CountDownLatch inside = new CountDownLatch(1);
        CompletableFuture<String> result = loop.compute(Priority.NORMAL, () -> {
            inside.countDown();
            goOn.await();
            return "done";
        });
        Await.until("it has begun", () -> inside.getCount() == 0);
        return result;
    }

    private static CompletableFuture<Integer> counting(EventLoop loop, AtomicInteger ran) {
        return loop.compute(Priority.NORMAL, ran::incrementAndGet);
    }

    // ---- results

    @Test
    void aResultComesBackIntoTheLoop() {
        EventLoop loop = open();
        CountDownLatch goOn = gate();
        AtomicReference<@Nullable Thread> worker = new AtomicReference<>();
        AtomicReference<@Nullable Boolean> inLoop = new AtomicReference<>();
        CompletableFuture<Integer> result = loop.compute(Priority.HIGH, () -> {
            goOn.await();
            worker.set(Thread.currentThread());
            return 42;
        });
        CompletableFuture<Void> reported = result.thenAccept(value -> inLoop.set(loop.inLoop()));
        goOn.countDown();
        Await.until("it is computed", () -> loop.computePool().stats().completed() == 1);
        assertThat(result).as("without a turn").isNotDone();
        drive(loop, "it is completed", reported::isDone);
        assertThat(result).isCompletedWithValue(42);
        assertThat(inLoop.get()).isTrue();
        assertThat(worker.get()).isNotSameAs(Thread.currentThread());
    }

    @Test
    void aResultWakesALoopThatSleeps() {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        CountDownLatch goOn = gate();
        CompletableFuture<Boolean> inLoop = begin(loop, goOn).thenApply(value -> loop.inLoop());
        goOn.countDown();
        Await.until("it is completed", inLoop::isDone);
        assertThat(inLoop).isCompletedWithValue(true);
    }

    // Behaviour 32
    @Test
    void whatAComputationThrowsFailsItsFutureInTheLoopAndKillsNoWorker() {
        EventLoop loop = openOn(oneWorker());
        for (Throwable thrown : List.of(new OnPurpose(), new StackOverflowError("not really"))) {
            CountDownLatch goOn = gate();
            CompletableFuture<Integer> result = loop.compute(Priority.NORMAL, () -> {
                goOn.await();
                if (thrown instanceof Error error) {
                    throw error;
                }
                throw (Exception) thrown;
            });
            AtomicReference<@Nullable Throwable> reported = new AtomicReference<>();
            AtomicReference<@Nullable Boolean> inLoop = new AtomicReference<>();
            CompletableFuture<Integer> after = result.whenComplete((value, failure) -> {
                reported.set(failure);
                inLoop.set(loop.inLoop());
            });
            goOn.countDown();
            drive(loop, "it is completed", after::isDone);
            assertThat(reported.get()).isSameAs(thrown);
            assertThat(inLoop.get()).isTrue();
        }
        CompletableFuture<Integer> next = loop.compute(Priority.NORMAL, () -> 7);
        drive(loop, "the next one is computed", next::isDone);
        assertThat(next).isCompletedWithValue(7);
        assertThat(loop.computePool().stats().failed()).isEqualTo(2);
        assertThat(loop.stats().errors()).isZero();
    }

    @Test
    void theMoreUrgentGoesFirst() {
        EventLoop loop = openOn(oneThread());
        CountDownLatch goOn = gate();
        CompletableFuture<String> first = begin(loop, goOn);
        List<Priority> order = new ArrayList<>();
        List<CompletableFuture<Boolean>> all = new ArrayList<>();
        List<Priority> lowestFirst = List.of(Priority.values());
        for (Priority priority : lowestFirst) {
            all.add(loop.compute(priority, () -> order.add(priority)));
        }
        goOn.countDown();
        drive(loop, "all are computed", () -> first.isDone() && all.stream().allMatch(each -> each.isDone()));
        assertThat(order).containsExactly(Priority.CRITICAL, Priority.HIGH, Priority.NORMAL, Priority.LOW);
    }

    @Test
    void argumentsAreRefusedByName() {
        EventLoop loop = open();
        assertThatThrownBy(() -> loop.compute(none(), () -> 1))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("priority");
        assertThatThrownBy(() -> loop.compute(Priority.LOW, none()))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("task");
        assertThat(loop.shutdown(HOUR)).as("no place is taken by them").isCompletedWithValue(true);
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T none() {
        return null;
    }

    // ---- cancelling

    // Behaviour 32
    @Test
    void aComputationThatWaitsIsCancelledExactlyOnce() {
        EventLoop loop = openOn(oneWorker());
        CountDownLatch goOn = gate();
        CompletableFuture<String> first = begin(loop, goOn);
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger reported = new AtomicInteger();
        CompletableFuture<Integer> waiting = counting(loop, ran);
        CompletableFuture<Integer> after = waiting.whenComplete((value, failure) -> reported.incrementAndGet());
        assertThat(waiting.cancel(false)).isTrue();
        assertThat(waiting.cancel(true)).as("it is cancelled, as before").isTrue();
        assertThat(after).isDone();
        goOn.countDown();
        CompletableFuture<Integer> next = loop.compute(Priority.LOW, () -> 1);
        drive(loop, "the others have come", () -> first.isDone() && next.isDone());
        assertThat(waiting).isCancelled();
        assertThat(ran).hasValue(0);
        assertThat(reported).hasValue(1);
        assertThat(loop.computePool().stats().cancelled()).isEqualTo(1);
    }

    // Behaviour 32
    @Test
    void aComputationThatRunsIsNotCancelled() {
        EventLoop loop = openOn(oneWorker());
        CountDownLatch goOn = gate();
        CompletableFuture<String> running = begin(loop, goOn);
        assertThat(running.cancel(true)).isFalse();
        assertThat(running).isNotDone();
        goOn.countDown();
        drive(loop, "it has come", running::isDone);
        assertThat(running).isCompletedWithValue("done");
        assertThat(running.cancel(true)).isFalse();
        assertThat(loop.computePool().stats().cancelled()).isZero();
    }

    // ---- the loop's end

    @Test
    void aShutdownWaitsForComputations() {
        EventLoop loop = openOn(oneWorker());
        CountDownLatch goOn = gate();
        AtomicInteger ran = new AtomicInteger();
        CompletableFuture<String> running = begin(loop, goOn);
        CompletableFuture<Integer> waiting = counting(loop, ran);
        loop.runOnce();
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        turns(loop, MANY_TURNS);
        assertThat(done).isNotDone();
        goOn.countDown();
        driveToEnd(loop, done);
        assertThat(done).isCompletedWithValue(true);
        assertThat(running).isCompletedWithValue("done");
        assertThat(waiting).isCompletedWithValue(1);
    }

    @Test
    void aShutdownOfALoopThatSleepsEndsWithTheLastComputation() {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        CountDownLatch goOn = gate();
        CompletableFuture<Boolean> inLoop = begin(loop, goOn).thenApply(value -> loop.inLoop());
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        goOn.countDown();
        Await.until("it has closed", done::isDone);
        assertThat(done).isCompletedWithValue(true);
        assertThat(inLoop).isCompletedWithValue(true);
    }

    @Test
    void aCancelledComputationDoesNotHoldAShutdownUp() {
        EventLoop loop = openOn(oneWorker());
        CountDownLatch goOn = gate();
        CompletableFuture<String> other = begin(openOn(loop.computePool()), goOn);
        CompletableFuture<Integer> waiting = loop.compute(Priority.NORMAL, () -> 1);
        loop.runOnce();
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        turns(loop, MANY_TURNS);
        assertThat(done).isNotDone();
        waiting.cancel(false);
        driveToEnd(loop, done);
        assertThat(done).isCompletedWithValue(true);
        assertThat(other).isNotDone();
    }

    @Test
    void aRejectedComputationDoesNotHoldAShutdownUp() {
        ComputePool pool = ComputePool.builder()
                .executor(task -> {
                    throw new RejectedExecutionException("full");
                })
                .build();
        track(pool::close);
        EventLoop loop = openOn(pool);
        assertThatThrownBy(() -> loop.compute(Priority.NORMAL, () -> 1)).isInstanceOf(RejectedExecutionException.class);
        loop.runOnce();
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        for (int turn = 0; turn < MANY_TURNS && !loop.isClosed(); turn++) {
            loop.runOnce();
        }
        assertThat(done).isCompletedWithValue(true);
    }

    @Test
    void theDeadlineCutsAComputationOff() {
        EventLoop loop = open();
        CountDownLatch goOn = gate();
        CompletableFuture<String> running = begin(loop, goOn);
        loop.runOnce();
        CompletableFuture<Boolean> done = loop.shutdown(Duration.ofSeconds(2));
        turns(loop, MANY_TURNS);
        assertThat(done).isNotDone();
        clock.advance(Duration.ofSeconds(2));
        driveToEnd(loop, done);
        assertThat(done).isCompletedWithValue(false);
        goOn.countDown();
        Await.until("it is completed all the same", running::isDone);
        assertThat(running).isCompletedWithValue("done");
    }

    private static void driveToEnd(EventLoop loop, CompletableFuture<Boolean> done) {
        Await.until("the loop has closed", done::isDone, () -> {
            if (!loop.isClosed()) {
                loop.runOnce();
            }
        });
    }

    @Test
    void aCloseCancelsWhatHasNotStartedAndWaitsForNothing() {
        EventLoop loop = open();
        CountDownLatch goOn = gate();
        List<CompletableFuture<String>> running = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            running.add(begin(loop, goOn));
        }
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger reported = new AtomicInteger();
        CompletableFuture<Integer> waiting = counting(loop, ran);
        CompletableFuture<Integer> after = waiting.whenComplete((value, failure) -> reported.incrementAndGet());
        loop.close();
        assertThat(waiting).isCancelled();
        assertThat(after).isDone();
        assertThat(running).allMatch(each -> !each.isDone());
        goOn.countDown();
        Await.until("what ran has ended", () -> running.stream().allMatch(each -> each.isDone()));
        assertThat(running).allSatisfy(each -> assertThat(each).isCompletedWithValue("done"));
        assertThat(ran).hasValue(0);
        assertThat(reported).hasValue(1);
        assertThatThrownBy(() -> counting(loop, ran)).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aCloseCancelsTheLoopsOwnInAPoolOfOthersToo() {
        ComputePool pool = oneWorker();
        EventLoop loop = openOn(pool);
        EventLoop other = openOn(pool);
        CountDownLatch goOn = gate();
        CompletableFuture<String> running = begin(loop, goOn);
        AtomicInteger ran = new AtomicInteger();
        CompletableFuture<Integer> waiting = counting(loop, ran);
        CompletableFuture<Integer> ofOther = other.compute(Priority.NORMAL, () -> 1);
        loop.close();
        assertThat(waiting).isCancelled();
        goOn.countDown();
        drive(other, "the other's is computed", ofOther::isDone);
        assertThat(ofOther).isCompletedWithValue(1);
        Await.until("what ran has ended", running::isDone);
        assertThat(ran).hasValue(0);
    }

    // Behaviour 32
    @Test
    void aComputationThatRacesWithTheEndIsRunOrRejectedOrCancelledButNotLost() {
        for (int round = 0; round < 20; round++) {
            EventLoop loop = asleep(DispatchMode.DIRECT);
            ConcurrentLinkedQueue<CompletableFuture<Integer>> taken = new ConcurrentLinkedQueue<>();
            CountDownLatch ready = new CountDownLatch(2);
            AtomicInteger ran = new AtomicInteger();
            List<Thread> givers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                givers.add(spawn(() -> {
                    ready.countDown();
                    try {
                        while (taken.size() < 100_000) {
                            taken.add(counting(loop, ran));
                        }
                    } catch (RejectedExecutionException e) {
                        // closed, or full: both are reported
                    }
                }));
            }
            Await.until("both give", () -> ready.getCount() == 0);
            if (round % 2 == 0) {
                loop.close();
            } else {
                Await.until("it has closed", loop.shutdown(HOUR)::isDone);
            }
            givers.forEach(Conformance::join);
            Await.until("each has ended", () -> taken.stream().allMatch(each -> each.isDone()));
            long completed = taken.stream().filter(each -> !each.isCancelled()).count();
            assertThat(taken).noneMatch(each -> each.isCompletedExceptionally() && !each.isCancelled());
            assertThat(ran.get()).isEqualTo((int) completed);
        }
    }

    // Behaviour 32
    @Test
    void theCallbackIsCalledInTheLoopThoughTheResultIsThereAtOnce() {
        AtomicReference<@Nullable EventLoop> loop = new AtomicReference<>();
        ComputePool pool = ComputePool.builder()
                .executor(task -> {
                    task.run();
                    CountDownLatch turn = new CountDownLatch(1);
                    Objects.requireNonNull(loop.get()).execute(turn::countDown);
                    Await.until("the loop has completed it", () -> turn.getCount() == 0);
                })
                .build();
        track(pool::close);
        EventLoop asleep = open(sleepy(DispatchMode.DIRECT).computePool(pool));
        loop.set(asleep);
        Thread driver = spawn(asleep::run);
        AtomicReference<@Nullable Boolean> inLoop = new AtomicReference<>();
        CompletableFuture<Integer> result = asleep.compute(Priority.NORMAL, () -> 42, (value, failure) -> {
            inLoop.set(asleep.inLoop());
            throw new IllegalStateException("on purpose");
        });
        assertThat(result).isCompletedWithValue(42);
        assertThat(inLoop.get()).isTrue();
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error.cause()).hasMessage("on purpose"));
        errors.clear();
        asleep.close();
        join(driver);
    }
}
