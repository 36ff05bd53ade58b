package io.millio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.transport.Interest;
import io.millio.transport.SocketSettings;
import io.millio.transport.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LifecycleTest {
    /** A thread that cannot be started, as where the system has no more; meanwhile another thread closes the loop. */
    private static final class Refused extends Thread {
        private final AtomicReference<@Nullable EventLoop> loop;
        private final AtomicReference<@Nullable Thread> closer;

        Refused(AtomicReference<@Nullable EventLoop> loop, AtomicReference<@Nullable Thread> closer) {
            this.loop = loop;
            this.closer = closer;
        }

        @Override
        public synchronized void start() {
            EventLoop closed = Objects.requireNonNull(loop.get());
            Thread thread = new Thread(closed::close);
            closer.set(thread);
            thread.start();
            while (thread.getState() != State.WAITING) { // for this thread, which is never to run
                Thread.onSpinWait();
            }
            throw new OutOfMemoryError("unable to create native thread (not really)");
        }
    }

    @Test
    void aCloseDoesNotWaitForAThreadThatCouldNotBeStarted() throws Exception {
        AtomicReference<@Nullable EventLoop> created = new AtomicReference<>();
        AtomicReference<@Nullable Thread> closer = new AtomicReference<>();
        EventLoop loop = EventLoop.builder()
                .direct()
                .threadFactory(task -> new Refused(created, closer))
                .build();
        created.set(loop);
        assertThatThrownBy(loop::start).isInstanceOf(OutOfMemoryError.class);
        Thread closing = Objects.requireNonNull(closer.get());
        closing.join();
        assertThat(loop.isClosed()).isTrue();
    }

    @Test
    void whatALoopGivesOutCannotBeRunAsATask() throws Exception {
        try (EventLoop loop = EventLoop.lowLatency();
                UdpSocket socket =
                        loop.openUdp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SocketSettings.NONE)) {
            AtomicReference<@Nullable Event> seen = new AtomicReference<>();
            Registration registration = loop.register(socket, Interest.WRITABLE, seen::set);
            while (seen.get() == null) {
                loop.runOnce();
            }
            for (Object given : new Object[] {loop.scheduleNanos(0, () -> {}), registration, seen.get()}) {
                assertThat(given).isNotInstanceOf(Runnable.class);
            }
        }
    }
}
