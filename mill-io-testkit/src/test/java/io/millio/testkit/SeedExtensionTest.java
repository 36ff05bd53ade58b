package io.millio.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class SeedExtensionTest {
    private static final List<Long> SEEN = new ArrayList<>();

    @Seeds(5)
    void runsOnceForEachSeed(SimNetwork network) {
        SEEN.add(network.seed());
    }

    @Seed(77)
    @Seeds(5)
    void runsWithTheOneSeed(SimNetwork network) {
        assertThat(network.seed()).isEqualTo(77);
    }

    static void failing(SimNetwork network) {
        network.host("a");
        network.note("100 % of it");
        throw new IllegalStateException("on purpose");
    }

    @Test
    void aFailureNamesItsSeedAndShowsTheTrace() throws ReflectiveOperationException {
        Method method = SeedExtensionTest.class.getDeclaredMethod("failing", SimNetwork.class);
        assertThatThrownBy(() -> SeedExtension.run(9, method, null))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("seed 9 of failing")
                .hasMessageContaining("@Seed(9)")
                .hasMessageContaining("on purpose")
                .hasMessageContaining("0.000 000 000  note  100 % of it")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @AfterAll
    static void allSeedsHaveBeenSeen() {
        assertThat(SEEN).containsExactly(1L, 2L, 3L, 4L, 5L);
    }
}
