package io.millio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LoopDumpTest {
    @Test
    void aLoopThatIsStuckSaysWhere() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        try (EventLoopGroup group =
                EventLoop.builder().direct().name("group").measureTimes(true).buildGroup(2)) {
            group.start();
            group.loops().get(0).execute(() -> stick(begun, mayEnd));
            begun.await();
            String dump = group.dump();
            mayEnd.countDown();
            assertThat(dump)
                    .contains("loop group-1: driven by group-1-loop, 0 registrations, 0 timers, ")
                    .contains("  runs io.millio.LoopDumpTest$$Lambda")
                    .containsPattern("    at .*io\\.millio\\.LoopDumpTest\\.stick\\(LoopDumpTest\\.java:")
                    .contains("  turns: ")
                    .contains("loop group-2: driven by group-2-loop");
        }
    }

    private static void stick(CountDownLatch begun, CountDownLatch mayEnd) {
        begun.countDown();
        try {
            mayEnd.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aLoopWithoutAThreadSaysThat() {
        EventLoop loop = EventLoop.builder().direct().name("lonely").build();
        loop.execute(() -> {});
        assertThat(loop.dump()).startsWith("loop lonely: no thread drives it, 0 registrations, 0 timers, work waits\n");
        loop.close();
        assertThat(loop.dump()).startsWith("loop lonely: closed, 0 registrations");
    }
}
