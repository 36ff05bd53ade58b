package io.millio.net.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The pauses between attempts to connect to an endpoint that refuses. */
class PoolBackoffTest extends PoolCase {
    private static final int TOGETHER = 4;

    private long failuresAfter(Duration time) {
        network.runFor(time);
        return stats().connectFailures();
    }

    /** Attempts that were in progress together and failed together say once that the endpoint is down. */
    @Test
    void attemptsThatFailTogetherCountAsOneFailure() {
        SocketAddress dead = network.host("dead").address(80);
        pool(settings ->
                settings.maxPerEndpoint(TOGETHER).connectBackoff(Duration.ofSeconds(1), Duration.ofSeconds(60)));
        List<Lease> leases = new ArrayList<>();
        inLoop(() -> {
            for (int i = 0; i < TOGETHER; i++) {
                Lease lease = new Lease();
                leases.add(lease);
                assertThat(known().acquire(dead, lease)).isFalse();
            }
        });
        settle();
        assertThat(leases).allSatisfy(lease -> assertThat(lease.callbacks).hasSize(1));
        assertThat(stats().connectFailures()).isEqualTo(TOGETHER);
        Lease next = new Lease().ask(dead);
        assertThat(next.callbacks).as("in the first pause").isEmpty();
        assertThat(failuresAfter(Duration.ofMillis(900))).isEqualTo(TOGETHER);
        assertThat(failuresAfter(Duration.ofMillis(100)))
                .as("failures after the first pause, of a second")
                .isEqualTo(TOGETHER + 1);
        assertThat(next.callbacks).hasSize(1);
    }

    @Test
    void eachPauseIsTwiceAsLongAsTheOneBeforeUpToTheMaximum() {
        SocketAddress dead = network.host("dead").address(80);
        pool(settings -> settings.maxPerEndpoint(1).connectBackoff(Duration.ofSeconds(1), Duration.ofSeconds(3)));
        long failures = 0;
        for (int seconds : new int[] {0, 1, 2, 3, 3}) {
            Lease waits = new Lease();
            inLoop(() -> assertThat(known().acquire(dead, waits)).isFalse());
            if (seconds > 0) {
                assertThat(failuresAfter(Duration.ofSeconds(seconds).minusMillis(50)))
                        .isEqualTo(failures);
            }
            assertThat(failuresAfter(Duration.ofMillis(50))).isEqualTo(++failures);
            assertThat(waits.callbacks).hasSize(1);
        }
    }

    /** One that was in progress before the pause fails after it, and counts for none: a waiter must not rely on it. */
    @Test
    void whoComesBehindAnOldAttemptIsServedByANewOneWhenThatFails() {
        SocketAddress dead = network.host("dead").address(80);
        pool(settings -> settings.maxPerEndpoint(2)
                .acquireTimeout(Duration.ofHours(1))
                .connectBackoff(Duration.ofMillis(10), Duration.ofMillis(10)));
        network.link("client", "dead").latency(Duration.ofMillis(1));
        Lease first = new Lease();
        Lease second = new Lease();
        inLoop(() -> assertThat(known().acquire(dead, first)).isFalse());
        network.runFor(Duration.ofMillis(1).plusNanos(500_000)); // the refusal is on its way
        network.link("client", "dead").latency(Duration.ofSeconds(1));
        inLoop(() -> assertThat(known().acquire(dead, second)).isFalse());
        network.runFor(Duration.ofMillis(100));
        assertThat(stats().connectFailures()).isEqualTo(1);
        assertThat(first.callbacks).hasSize(1);
        Lease third = new Lease().ask(dead);
        network.runFor(Duration.ofMillis(2500));
        assertThat(second.callbacks).hasSize(1);
        assertThat(third.callbacks).as("while the new attempt is in progress").isEmpty();
        network.runFor(Duration.ofSeconds(2));
        assertThat(third.callbacks).hasSize(1);
        assertThat(stats().connectFailures()).isEqualTo(3);
    }
}
