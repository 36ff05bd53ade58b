package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.Registration;
import io.millio.task.ComputePool;
import io.millio.task.Priority;
import io.millio.transport.Interest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several loops that share the work. */
public abstract class GroupConformance extends Conformance {
    /** For subclasses. */
    protected GroupConformance() {}

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

    // ---- the loops

    @Test
    void theLoopWithTheFewestRegistrationsIsNext() throws IOException {
        EventLoopGroup group = openGroup(DispatchMode.DIRECT, 3);
        List<EventLoop> loops = group.loops();
        int[] registrations = {2, 1, 2};
        List<Registration> made = new ArrayList<>();
        for (int i = 0; i < registrations.length; i++) {
            for (int n = 0; n < registrations[i]; n++) {
                made.add(loops.get(i).register(connected().stream(), Interest.NONE, new Recorder()));
            }
        }
        for (int i = 0; i < 4; i++) {
            assertThat(group.next()).isSameAs(loops.get(1));
        }
        made.get(0).close();
        made.get(1).close();
        for (int i = 0; i < 4; i++) {
            assertThat(group.next()).isSameAs(loops.get(0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyLoopServesItsSources(DispatchMode mode) throws IOException {
        EventLoopGroup group = openGroup(sleepy(mode), 3);
        group.start();
        for (int i = 0; i < 6; i++) {
            Connected connected = connected();
            Text text = new Text();
            Recorder recorder = new Recorder(event -> text.append(read(connected.stream(), 10)));
            group.next().register(connected.stream(), Interest.READABLE, recorder);
            send(connected.peer(), "x");
            Await.until("it is served", () -> text.toString().equals("x"));
        }
        assertThat(group.loops()).extracting(EventLoop::registrations).containsExactly(2, 2, 2);
    }

    // ---- the pools

    @Test
    void theLoopsShareTheirWorkers() throws IOException {
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        EventLoopGroup group = openGroup(builder(DispatchMode.WORKERS).workers(1), 3);
        AtomicInteger ran = new AtomicInteger();
        for (EventLoop loop : group.loops()) {
            Recorder recorder = new Recorder(event -> {
                workers.add(Thread.currentThread());
                event.registration().setInterest(Interest.NONE);
                ran.incrementAndGet();
            });
            loop.register(connected().stream(), Interest.WRITABLE, recorder);
        }
        driveAll(group, "each has run", () -> ran.get() == 3);
        assertThat(workers).hasSize(1);
    }

    @Test
    void aLoopThatClosesLeavesThePoolsToTheOthers() throws IOException {
        EventLoopGroup group = openGroup(DispatchMode.WORKERS, 2);
        group.loops().get(0).close();
        EventLoop other = group.loops().get(1);
        Connected connected = connected();
        Text text = new Text();
        other.register(
                connected.stream(),
                Interest.READABLE,
                new Recorder(event -> text.append(read(connected.stream(), 10))));
        send(connected.peer(), "x");
        drive(other, "it is served", () -> text.toString().equals("x"));
        CompletableFuture<Integer> one = other.compute(Priority.NORMAL, () -> 1);
        drive(other, "it computes", one::isDone);
        assertThat(one).isCompletedWithValue(1);
    }

    // ---- ending

    @ParameterizedTest
    @EnumSource
    void aShutdownEndsWhenEveryLoopHasEnded(DispatchMode mode) throws IOException {
        EventLoopGroup group = openGroup(mode, 2);
        EventLoop busy = group.loops().get(1);
        Recorder recorder = new Recorder();
        Registration registration = busy.register(connected().stream(), Interest.WRITABLE, recorder);
        group.loops().forEach(EventLoop::runOnce);
        CompletableFuture<Boolean> done = group.shutdown(HOUR);
        driveAll(group, "the first has closed", group.loops().get(0)::isClosed);
        driveAll(group, "onShutdown is called", () -> recorder.shutdowns() == 1);
        turns(busy, MANY_TURNS);
        assertThat(done).isNotDone();
        registration.setInterest(Interest.NONE);
        driveAll(group, "all have closed", done::isDone);
        assertThat(done).isCompletedWithValue(true);
        assertThat(recorder.closes()).isEqualTo(1);
        CompletableFuture<Boolean> again = group.shutdown(HOUR);
        assertThat(again).isCompletedWithValue(true);
    }

    @Test
    void aShutdownEndsThePoolsToo() throws IOException {
        EventLoopGroup group = openGroup(DispatchMode.WORKERS, 2);
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        Recorder recorder = new Recorder(event -> {
            workers.add(Thread.currentThread());
            event.registration().close();
        });
        group.loops().get(0).register(connected().stream(), Interest.WRITABLE, recorder);
        driveAll(group, "it has run", () -> recorder.closes() == 1);
        CompletableFuture<Boolean> done = group.shutdown(HOUR);
        driveAll(group, "all have closed", done::isDone);
        assertThat(done).isCompletedWithValue(true);
        ComputePool pool = group.loops().get(0).computePool();
        assertThatThrownBy(() -> pool.compute(Priority.NORMAL, () -> 1)).isInstanceOf(RejectedExecutionException.class);
        workers.forEach(Conformance::join);
    }

    @ParameterizedTest
    @EnumSource
    void aShutdownThatIsCutOffInOneLoopSaysSo(DispatchMode mode) throws IOException {
        EventLoopGroup group = openGroup(mode, 2);
        EventLoop busy = group.loops().get(0);
        busy.register(connected().stream(), Interest.WRITABLE, new Recorder());
        group.loops().forEach(EventLoop::runOnce);
        CompletableFuture<Boolean> done = group.shutdown(Duration.ofSeconds(2));
        driveAll(group, "the other has closed", group.loops().get(1)::isClosed);
        assertThat(done).isNotDone();
        clock.advance(Duration.ofSeconds(2));
        driveAll(group, "all have closed", done::isDone);
        assertThat(done).isCompletedWithValue(false);
    }

    @ParameterizedTest
    @EnumSource
    void aCloseEndsEveryLoopAndCancelsWhatHasNotStarted(DispatchMode mode) throws IOException {
        EventLoopGroup group = openGroup(sleepy(mode), 2);
        group.start();
        Recorder recorder = new Recorder();
        group.next().register(connected().stream(), Interest.READABLE, recorder);
        int workers = Runtime.getRuntime().availableProcessors();
        CountDownLatch inside = new CountDownLatch(workers);
        CountDownLatch goOn = gate();
        List<CompletableFuture<Integer>> running = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            running.add(group.next().compute(Priority.NORMAL, () -> {
                inside.countDown();
                goOn.await();
                return 1;
            }));
        }
        Await.until("all workers are busy", () -> inside.getCount() == 0);
        CompletableFuture<Integer> waiting = group.next().compute(Priority.NORMAL, () -> 2);
        group.close();
        group.close();
        assertThat(group.loops()).allMatch(EventLoop::isClosed);
        Await.until("onClose is called", () -> recorder.closes() == 1);
        assertThat(waiting).isCancelled();
        assertThatThrownBy(() -> group.next().compute(Priority.NORMAL, () -> 3))
                .isInstanceOf(RejectedExecutionException.class);
        goOn.countDown();
        Await.until("what ran has ended", () -> running.stream().allMatch(each -> each.isDone()));
        assertThat(running).allSatisfy(each -> assertThat(each).isCompletedWithValue(1));
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerMayCloseTheGroup(DispatchMode mode) throws IOException {
        EventLoopGroup group = openGroup(sleepy(mode), 2);
        Recorder bystander = new Recorder();
        group.loops().get(1).register(connected().stream(), Interest.READABLE, bystander);
        group.start();
        Recorder recorder = new Recorder(event -> group.close());
        group.loops().get(0).register(connected().stream(), Interest.WRITABLE, recorder);
        Await.until("all have closed", () -> group.loops().stream().allMatch(EventLoop::isClosed));
        Await.until("onClose is called for both", () -> recorder.closes() == 1 && bystander.closes() == 1);
        assertThat(recorder.violations()).isEmpty();
        assertThat(recorder.events()).isEqualTo(1);
    }
}
