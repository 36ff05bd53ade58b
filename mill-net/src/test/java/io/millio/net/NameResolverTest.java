package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Look-ups on an executor that the test runs. */
class NameResolverTest {
    private final List<Runnable> submitted = new ArrayList<>();
    private final AtomicInteger lookUps = new AtomicInteger();
    private final NameResolver resolver = NameResolver.of(
            host -> {
                lookUps.incrementAndGet();
                return List.of(InetAddress.getLoopbackAddress());
            },
            submitted::add);

    private void runSubmitted() {
        List<Runnable> ready = List.copyOf(submitted);
        submitted.clear();
        ready.forEach(Runnable::run);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "255.255.255.255", "fe80::1", "::ffff:1.2.3.4"})
    void aLiteralAddressIsParsedAtOnce(String literal) throws UnknownHostException {
        CompletableFuture<List<InetAddress>> found = resolver.resolve(literal);
        assertThat(found).isCompletedWithValue(List.of(InetAddress.getByName(literal)));
        assertThat(submitted).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1::2::3", "::g", "1.2.3.256"})
    void aMalformedLiteralIsAnUnknownHostWithoutALookUp(String literal) {
        CompletableFuture<List<InetAddress>> found = resolver.resolve(literal);
        assertThat(NetCase.failureOf(found)).isInstanceOf(UnknownHostException.class);
        assertThat(submitted).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", ".:1", "1.2.3", "1.2.3.4.5", "a.b.c.d", "", "1234.1.1.1"})
    void everyOtherTextIsLookedUp(String name) {
        CompletableFuture<List<InetAddress>> found = resolver.resolve(name);
        assertThat(found).isNotDone();
        runSubmitted();
        assertThat(found).isCompletedWithValue(List.of(InetAddress.getLoopbackAddress()));
        assertThat(lookUps).hasValue(1);
    }

    @Test
    void callsForOneNameShareALookUpAndOneThatIsCancelledDoesNotEndItForTheOthers() {
        CompletableFuture<List<InetAddress>> first = resolver.resolve("name");
        CompletableFuture<List<InetAddress>> second = resolver.resolve("name");
        assertThat(first.cancel(false)).isTrue();
        assertThat(submitted).hasSize(1);
        runSubmitted();
        assertThat(second).isCompletedWithValue(List.of(InetAddress.getLoopbackAddress()));
        CompletableFuture<List<InetAddress>> later = resolver.resolve("name");
        assertThat(later).isNotDone();
        runSubmitted();
        assertThat(later).isCompleted();
        assertThat(lookUps).hasValue(2);
    }

    @Test
    void aLookUpThatFailsOrFindsNothingFailsItsCallers() {
        Error failure = new OutOfMemoryError("on purpose");
        NameResolver failing = NameResolver.of(
                host -> {
                    if (host.equals("error")) {
                        throw failure;
                    }
                    return List.of();
                },
                Runnable::run);
        assertThat(failing.resolve("error"))
                .failsWithin(java.time.Duration.ZERO)
                .withThrowableThat()
                .withRootCauseInstanceOf(OutOfMemoryError.class);
        assertThat(failing.resolve("nothing"))
                .failsWithin(java.time.Duration.ZERO)
                .withThrowableThat()
                .withRootCauseInstanceOf(UnknownHostException.class)
                .withMessageContaining("nothing");
    }

    @Test
    void aRefusedLookUpLeavesNothingBehind() {
        boolean[] refuse = {true};
        NameResolver refused = NameResolver.of(host -> List.of(InetAddress.getLoopbackAddress()), task -> {
            if (refuse[0]) {
                throw new RejectedExecutionException("full");
            }
            task.run();
        });
        assertThatThrownBy(() -> refused.resolve("name"))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessage("full");
        refuse[0] = false;
        assertThat(refused.resolve("name")).isCompleted();
    }

    @Test
    void aClosedResolverRefusesNames() {
        for (NameResolver each : List.of(resolver, NameResolver.create())) {
            each.close();
            each.close();
            assertThatThrownBy(() -> each.resolve("host")).isInstanceOf(RejectedExecutionException.class);
        }
    }

    @Test
    void aLookUpThatEveryCallerHasCancelledIsNotMade() {
        List<Runnable> queue = new ArrayList<>();
        List<String> asked = new ArrayList<>();
        NameResolver resolver = NameResolver.of(
                host -> {
                    asked.add(host);
                    return List.of(InetAddress.getLoopbackAddress());
                },
                queue::add);
        CompletableFuture<List<InetAddress>> first = resolver.resolve("dead.example");
        CompletableFuture<List<InetAddress>> second = resolver.resolve("dead.example");
        CompletableFuture<List<InetAddress>> other = resolver.resolve("alive.example");
        CompletableFuture<List<InetAddress>> cancelled = resolver.resolve("alive.example");
        assertThat(queue).hasSize(2);
        first.cancel(false);
        second.cancel(false);
        cancelled.cancel(false);
        CompletableFuture<List<InetAddress>> again = resolver.resolve("dead.example");
        assertThat(queue).hasSize(3);
        queue.forEach(Runnable::run);

        assertThat(asked).containsExactly("alive.example", "dead.example");
        assertThat(other).isCompleted();
        assertThat(again).isCompleted();
    }
}
