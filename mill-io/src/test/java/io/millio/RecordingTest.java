package io.millio;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingTest {
    private static List<RecordedEvent> record(Path file, Runnable action) throws IOException {
        try (Recording recording = new Recording()) {
            recording.enable("io.millio.Run");
            recording.enable("io.millio.Turn");
            recording.start();
            action.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file);
    }

    @Test
    void aSlowTaskAndItsTurnAreRecorded(@TempDir Path folder) throws IOException {
        AtomicLong clock = new AtomicLong();
        List<RecordedEvent> events = record(folder.resolve("a.jfr"), () -> {
            try (EventLoop loop = EventLoop.builder()
                    .direct()
                    .name("recorded")
                    .transport(Transport.named("nio"))
                    .nanoClock(clock::get)
                    .pollTimeout(Duration.ZERO)
                    .build()) {
                loop.execute(() -> clock.addAndGet(9_999_999)); // fast enough
                loop.runOnce();
                loop.execute(() -> clock.addAndGet(10_000_000));
                loop.runOnce();
                loop.runOnce();
            }
        });
        assertThat(events)
                .extracting(each -> each.getEventType().getName())
                .containsExactlyInAnyOrder("io.millio.Run", "io.millio.Turn");
        for (RecordedEvent each : events) {
            assertThat(each.getString("loop")).isEqualTo("recorded");
            assertThat(each.getDuration("elapsed")).isEqualTo(Duration.ofMillis(10));
        }
        RecordedEvent run = events.stream()
                .filter(each -> each.getEventType().getName().equals("io.millio.Run"))
                .findFirst()
                .orElseThrow();
        assertThat(run.getString("subject")).startsWith("io.millio.RecordingTest$$Lambda");
    }

    @Test
    void aSlowTaskWithoutATextHarmsNoLoop(@TempDir Path folder) throws IOException {
        AtomicLong clock = new AtomicLong();
        AtomicLong later = new AtomicLong();
        List<RecordedEvent> events = record(folder.resolve("b.jfr"), () -> {
            try (EventLoop loop = EventLoop.builder()
                    .direct()
                    .transport(Transport.named("nio"))
                    .nanoClock(clock::get)
                    .pollTimeout(Duration.ZERO)
                    .build()) {
                loop.execute(new Runnable() {
                    @Override
                    public void run() {
                        clock.addAndGet(10_000_000);
                    }

                    @Override
                    public String toString() {
                        throw new IllegalStateException("planted");
                    }
                });
                loop.execute(later::incrementAndGet);
                loop.runOnce();
            }
        });
        assertThat(later).hasValue(1);
        assertThat(events).anySatisfy(each -> {
            assertThat(each.getEventType().getName()).isEqualTo("io.millio.Run");
            assertThat(each.getString("subject")).contains("toString: java.lang.IllegalStateException");
        });
    }
}
