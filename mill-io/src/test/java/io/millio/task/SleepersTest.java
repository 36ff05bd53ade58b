package io.millio.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SleepersTest {
    private final Sleepers sleepers = new Sleepers(4);

    @Test
    void theFirstWorkerIsOnItsWayFromTheStart() {
        assertThat(sleepers.claim(true)).isEqualTo(Sleepers.NOBODY);
        sleepers.arrived();
        assertThat(sleepers.claim(true)).isEqualTo(Sleepers.ALL_BUSY);
    }

    @Test
    void nobodyIsWokenWhileOneIsOnItsWay() {
        sleepers.sleep(0, true);
        sleepers.sleep(1, false);
        assertThat(sleepers.claim(true)).isEqualTo(1);
        assertThat(sleepers.claim(true)).isEqualTo(Sleepers.NOBODY);
        sleepers.arrived();
        assertThat(sleepers.claim(true)).isEqualTo(0);
    }

    @Test
    void theOneThatFellAsleepLastIsWokenFirst() {
        sleepers.arrived();
        for (int worker : new int[] {2, 0, 3}) {
            sleepers.sleep(worker, false);
        }
        for (int worker : new int[] {3, 0, 2}) {
            assertThat(sleepers.claim(false)).isEqualTo(worker);
            sleepers.arrived();
        }
        assertThat(sleepers.claim(false)).isEqualTo(Sleepers.NOBODY);
    }

    @Test
    void sleepingAgainEndsBeingOnTheWay() {
        sleepers.sleep(0, true);
        assertThat(sleepers.claim(false)).isEqualTo(0);
        sleepers.sleep(0, true);
        assertThat(sleepers.claim(false)).isEqualTo(0);
    }

    @Test
    void allAreTakenWhetherOneIsOnItsWayOrNot() {
        sleepers.sleep(0, false);
        sleepers.sleep(1, false);
        assertThat(sleepers.takeAny()).isEqualTo(1);
        assertThat(sleepers.hasAny()).isTrue();
        assertThat(sleepers.takeAny()).isEqualTo(0);
        assertThat(sleepers.hasAny()).isFalse();
        assertThat(sleepers.takeAny()).isEqualTo(Sleepers.NOBODY);
    }
}
