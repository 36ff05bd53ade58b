package io.millio.net.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.testkit.SimNetwork;
import io.millio.transport.Transport;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    @Test
    void theDefaultIsAQuarterOfTheLargestHeap() {
        assertThat(MemoryBudget.process().maxBytes())
                .isEqualTo(Runtime.getRuntime().maxMemory() / 4)
                .isEqualTo(MemoryBudget.builder().build().maxBytes());
    }

    @Test
    void allLoopsOfAProcessShareOneAndEachSimulatedHostHasItsOwn() {
        try (EventLoop loop =
                        EventLoop.builder().transport(Transport.named("nio")).build();
                SimNetwork network = SimNetwork.seeded(1)) {
            assertThat(MemoryBudget.of(loop)).isSameAs(MemoryBudget.process());
            EventLoop one = network.host("one").loop();
            EventLoop other = network.host("other").loop();
            assertThat(MemoryBudget.of(one))
                    .isSameAs(MemoryBudget.of(network.host("one").loop()))
                    .isNotSameAs(MemoryBudget.of(other))
                    .isNotSameAs(MemoryBudget.process());
        }
    }

    @Test
    void settingsAreCheckedWhenTheyAreGiven() {
        MemoryBudgetBuilder builder = MemoryBudget.builder();
        assertThatThrownBy(() -> builder.maxBytes(0)).hasMessageContaining("maxBytes: 0");
        assertThatThrownBy(() -> builder.pauseAt(0.1)).hasMessageContaining("pauseAt: 0.1");
        assertThatThrownBy(() -> builder.pauseAt(Double.NaN)).hasMessageContaining("pauseAt: NaN");
        assertThatThrownBy(() -> builder.shedAt(1.1)).hasMessageContaining("shedAt: 1.1");
        assertThatThrownBy(() -> builder.minBytesPerConnection(-1)).hasMessageContaining("minBytesPerConnection: -1");
        assertThatThrownBy(() -> builder.heldTimeout(Duration.ZERO)).hasMessageContaining("heldTimeout");
        assertThatThrownBy(() -> builder.pauseAt(0.9).build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("shedAt: 0.85, must not be less than pauseAt: 0.9");
        assertThat(builder.pauseAt(0.5).maxBytes(10).build().stats())
                .isEqualTo(new MemoryStats(0, 10, 0, 0, MemoryLevel.NORMAL, 0, 0, 0, 0, 0, 0));
    }
}
