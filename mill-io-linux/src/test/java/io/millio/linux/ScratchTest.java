package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.linux.sys.Scratch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
@EnabledForJreRange(minVersion = 22, disabledReason = "a transport for Java 22")
class ScratchTest {
    private static Scratch takenOnce() {
        try (Scratch scratch = Scratch.take()) {
            return scratch;
        }
    }

    @Test
    void aPlatformThreadHasOneThatNoOtherThreadUses() throws InterruptedException {
        Scratch mine = takenOnce();
        AtomicReference<Scratch> others = new AtomicReference<>();
        Thread thread = new Thread(() -> others.set(takenOnce()));
        thread.start();
        thread.join();
        assertThat(others.get()).isNotSameAs(mine);
        assertThat(takenOnce()).isSameAs(mine);
        Thread.ofVirtual().start(() -> others.set(takenOnce())).join();
        assertThat(others.get()).isNotSameAs(mine);
    }

    @Test
    void aCallInsideAnotherHasMemoryOfItsOwn() {
        try (Scratch outer = Scratch.take()) {
            try (Scratch inner = Scratch.take()) {
                assertThat(inner).isNotSameAs(outer);
                inner.bytes().clear().put((byte) 1);
                outer.bytes().clear().put((byte) 2);
                assertThat(inner.bytes().get(0)).isEqualTo((byte) 1);
                assertThat(inner.bytesAddress()).isNotEqualTo(outer.bytesAddress());
            }
            assertThat(takenOnce()).as("the outer call is not over").isNotSameAs(outer);
        }
    }
}
