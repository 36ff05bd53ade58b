package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millio.EventLoop;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class EpollPollerTest {
    private static final int MANY = 20;

    private int reported;
    private int bits;

    private static Poller open() throws IOException {
        return LoopbackPair.epoll().openPoller(16, System::nanoTime);
    }

    private void poll(Poller poller) throws IOException {
        poller.poll(System.nanoTime(), (id, ready) -> {
            reported++;
            bits |= ready;
        });
    }

    private void pollUntilReported(Poller poller) throws IOException {
        long giveUpAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (reported == 0) {
            assertThat(System.nanoTime() - giveUpAt).as("an event is reported").isNegative();
            poll(poller);
        }
    }

    private int reportedByMany(Poller poller) throws IOException {
        poll(poller);
        poll(poller); // a reported event may be reported once more after a change of interest
        reported = 0;
        for (int i = 0; i < MANY; i++) {
            poll(poller);
        }
        return reported;
    }

    @Test
    void aResetIsReportedOnceWithoutInterest() throws IOException {
        try (Poller poller = open();
                LoopbackPair pair = LoopbackPair.open()) {
            poller.add(pair.stream(), 1, Interest.NONE);
            pair.peer().setOption(StandardSocketOptions.SO_LINGER, 0).close();
            pollUntilReported(poller);
            assertThat(bits & Readiness.ERROR).isNotZero();
            assertThat(reportedByMany(poller)).isZero();
        }
    }

    @Test
    void anEndOfInputDoesNotSpinAWriterThatWaitsForRoom() throws IOException {
        try (Poller poller = open();
                LoopbackPair pair = LoopbackPair.open()) {
            ByteBuffer much = ByteBuffer.allocateDirect(1 << 16);
            while (pair.stream().write(much.clear()) > 0) {
                // until nothing fits
            }
            poller.add(pair.stream(), 1, Interest.WRITABLE);
            pair.peer().shutdownOutput();
            pollUntilReported(poller);
            assertThat(bits).isEqualTo(Readiness.READ_CLOSED);
            assertThat(reportedByMany(poller)).isZero();
            pair.peer().configureBlocking(false);
            bits = 0;
            while ((bits & Readiness.WRITABLE) == 0) {
                pair.peer().read(much.clear());
                poll(poller);
            }
            assertThat(reportedByMany(poller))
                    .as("writability is reported as long as there is room")
                    .isEqualTo(MANY);
        }
    }

    @Test
    void aKeyThatWasRemovedDoesNotTouchTheNextOneOfItsSource() throws IOException {
        try (Poller poller = open();
                LoopbackPair pair = LoopbackPair.open()) {
            Poller.Key old = poller.add(pair.stream(), 1, Interest.READABLE);
            poller.modify(old, Interest.NONE);
            poller.remove(old);
            poller.add(pair.stream(), 2, Interest.WRITABLE);
            poller.remove(old);
            pollUntilReported(poller);
            assertThat(bits).isEqualTo(Readiness.WRITABLE);
        }
    }

    @Test
    void callsOnAClosedPollerOrSourceFail() throws IOException {
        try (Poller poller = open();
                LoopbackPair pair = LoopbackPair.open()) {
            pair.stream().close();
            assertThatThrownBy(() -> poller.add(pair.stream(), 1, Interest.READABLE))
                    .isInstanceOf(IOException.class)
                    .hasRootCauseMessage("source: closed: " + pair.stream());
            poller.close();
            poller.wakeup();
            assertThatThrownBy(() -> poll(poller))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void aBorrowedDescriptorThatItsOwnerClosedEndsItsOwnSourceOnly() throws IOException {
        try (Poller poller = open();
                LoopbackPair pair = LoopbackPair.open()) {
            Fd.Pipe pipe = Fd.pipe();
            Fd borrowed = Fd.borrow(pipe.writer().number());
            Poller.Key key = poller.add(borrowed, 1, Interest.READABLE);
            pipe.writer().close();
            pipe.reader().close();
            poller.modify(key, Interest.WRITABLE);
            pollUntilReported(poller);
            assertThat(bits & Readiness.ERROR).isNotZero();
            reported = 0;
            poller.add(pair.stream(), 2, Interest.WRITABLE);
            pollUntilReported(poller);
            borrowed.close();
        }
    }

    @Test
    void aVirtualThreadCannotDriveALoopAndTheLoopIsLeftIntact() throws Exception {
        try (EventLoop loop = LoopbackPair.directLoop()) {
            AtomicReference<Throwable> refusal = new AtomicReference<>();
            Thread.ofVirtual()
                    .start(() -> refusal.set(catchThrowable(loop::run)))
                    .join();
            assertThat(refusal.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("virtual thread");
            assertThat(loop.isClosed()).isFalse();
            boolean[] ran = new boolean[1];
            loop.execute(() -> ran[0] = true);
            loop.runOnce();
            assertThat(ran[0]).isTrue();
        }
        try (EventLoop loop = EventLoop.builder()
                .transport(LoopbackPair.epoll())
                .threadFactory(Thread.ofVirtual().factory())
                .direct()
                .build()) {
            assertThatThrownBy(loop::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("virtual thread");
        }
    }
}
