package io.millio;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LoopTimesTest {
    private final AtomicLong clock = new AtomicLong(1);

    private EventLoop loop(boolean measures) {
        return EventLoop.builder()
                .direct()
                .transport(Transport.named("nio"))
                .nanoClock(clock::get)
                .pollTimeout(Duration.ZERO)
                .measureTimes(measures)
                .build();
    }

    @Test
    void turnsRunsAndDelaysAreMeasured() {
        try (EventLoop loop = loop(true)) {
            loop.execute(() -> clock.addAndGet(2_000));
            loop.execute(() -> clock.addAndGet(3_000));
            clock.addAndGet(10_000);
            loop.runOnce();
            loop.schedule(Duration.ZERO, () -> clock.addAndGet(500));
            loop.runOnce();
            loop.runOnce(); // a turn is known to have ended when the next one begins

            LoopTimes times = Objects.requireNonNull(loop.stats().times());
            assertThat(times.runs().count()).isEqualTo(3);
            assertThat(times.runs().totalNanos()).isEqualTo(5_500);
            assertThat(times.runs().maxNanos()).isEqualTo(3_000);
            assertThat(times.turns().maxNanos()).isEqualTo(5_000);
            assertThat(times.turns().totalNanos()).isEqualTo(5_500);
            assertThat(times.taskDelays().count())
                    .as("one is measured at a time")
                    .isEqualTo(1);
            assertThat(times.taskDelays().maxNanos()).isEqualTo(10_000);
        }
    }

    @Test
    void aTaskOfTheLoopItselfIsMeasuredFromItsSubmission() {
        try (EventLoop loop = loop(true)) {
            loop.execute(() -> {
                clock.addAndGet(100);
                loop.execute(() -> {});
                clock.addAndGet(4_000);
            });
            loop.runOnce();
            loop.runOnce();
            LoopTimes times = Objects.requireNonNull(loop.stats().times());
            assertThat(times.taskDelays().maxNanos()).isBetween(4_000L, 4_100L);
        }
    }

    @Test
    void theTasksOfACloseAreMeasuredEachAlone() {
        EventLoop loop = EventLoop.builder()
                .direct()
                .transport(Transport.named("nio"))
                .nanoClock(clock::get)
                .pollTimeout(Duration.ZERO)
                .maxTasksPerTurn(1)
                .measureTimes(true)
                .build();
        loop.execute(loop::close);
        loop.execute(() -> clock.addAndGet(1_000));
        loop.execute(() -> clock.addAndGet(3_000));
        loop.runOnce();
        LoopTimes times = Objects.requireNonNull(loop.stats().times());
        assertThat(times.runs().count()).isEqualTo(3);
        assertThat(times.runs().maxNanos()).isEqualTo(3_000);
    }

    @Test
    void aDelayLastsUntilTheTaskItselfRuns() {
        try (EventLoop loop = EventLoop.builder()
                .direct()
                .transport(Transport.named("nio"))
                .nanoClock(clock::get)
                .pollTimeout(Duration.ZERO)
                .maxTasksPerTurn(1)
                .measureTimes(true)
                .build()) {
            loop.execute(() -> {}); // is measured
            loop.runOnce();
            for (int i = 0; i < 3; i++) {
                loop.execute(() -> clock.addAndGet(1_000));
            }
            loop.runOnce(); // the first of these is measured
            loop.execute(() -> {}); // and then this one, with two before it
            for (int i = 0; i < 3; i++) {
                loop.runOnce();
            }
            LoopTimes times = Objects.requireNonNull(loop.stats().times());
            assertThat(times.taskDelays().count()).isEqualTo(3);
            assertThat(times.taskDelays().maxNanos()).isEqualTo(2_000);
        }
    }

    @Test
    void eventsAndOnCloseAreRuns() throws IOException {
        try (EventLoop loop = loop(true);
                TcpListener listener = loop.openListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            AtomicLong closed = new AtomicLong();
            loop.register(listener, Interest.READABLE, new EventHandler() {
                @Override
                public void handle(Event event) {
                    clock.addAndGet(700);
                    event.registration().close();
                }

                @Override
                public void onClose(Registration registration, @Nullable Throwable cause) {
                    clock.addAndGet(900);
                    closed.set(1);
                }
            });
            InetSocketAddress address = (InetSocketAddress) listener.localAddress();
            try (Socket client = new Socket(address.getAddress(), address.getPort())) {
                while (closed.get() == 0) {
                    loop.runOnce();
                }
                assertThat(client.isConnected()).isTrue();
            }
            LoopTimes times = Objects.requireNonNull(loop.stats().times());
            assertThat(times.runs().count()).isEqualTo(2);
            assertThat(times.runs().totalNanos()).isEqualTo(1_600);
            assertThat(times.runs().maxNanos()).isEqualTo(900);
        }
    }

    @Test
    void withoutTheSettingNothingIsMeasured() {
        try (EventLoop loop = loop(false)) {
            loop.execute(() -> {});
            loop.runOnce();
            assertThat(loop.stats().times()).isNull();
        }
    }
}
