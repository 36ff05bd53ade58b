package io.millio.net.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.ObjLongConsumer;
import org.junit.jupiter.api.Test;

/** What is counted, and how scarce memory is called, without connections. */
class MemoryTotalTest {
    private static final int THREADS = 4;

    private final MemoryTotal total = new MemoryTotal(1_000_000, 700_000, 850_000, 600_000, 16_384, 1);

    private static final class Loop extends LoopAccount {
        Loop(MemoryTotal total) {
            super(total);
            total.add(this);
        }

        @Override
        public void forEachHolder(ObjLongConsumer<Object> action) {}
    }

    private static final class Holder extends MemoryHolder {
        private final LoopAccount loop;
        private long heldWhenFull;

        Holder(LoopAccount loop) {
            this.loop = loop;
        }

        @Override
        public LoopAccount account() {
            return loop;
        }

        @Override
        protected void heldWhileFull(long bytes) {
            heldWhenFull = bytes;
        }

        @Override
        protected void chargeChanged() {}
    }

    @Test
    void littleIsPassedOnWhenTheLastHolderLeaves() {
        Loop loop = new Loop(total);
        loop.join();
        loop.join();
        Holder one = new Holder(loop);
        one.hold(1000);
        assertThat(total.usedBytes()).isZero();
        assertThat(loop.unreportedBytes()).isEqualTo(1000);
        loop.leave();
        assertThat(total.usedBytes()).isZero();
        loop.leave();
        assertThat(total.usedBytes()).isEqualTo(1000);
        one.free(1000);
        assertThat(total.usedBytes()).as("freed by one that has left").isZero();
        assertThat(total.holders()).isZero();
    }

    @Test
    void muchIsPassedOnAtOnceEitherWay() {
        Loop loop = new Loop(total);
        loop.join();
        Holder one = new Holder(loop);
        one.hold(3_905);
        assertThat(total.usedBytes()).isZero();
        one.hold(1);
        assertThat(total.usedBytes()).isEqualTo(3_906);
        one.free(3_905);
        assertThat(total.usedBytes()).isEqualTo(3_906);
        one.free(1);
        assertThat(total.usedBytes()).isZero();
        assertThat(total.peakBytes()).isEqualTo(3_906);
    }

    @Test
    void aLevelEndsBelowWhereItBegan() {
        Loop loop = new Loop(total); // without holders: all is passed on at once
        int[][] steps = {
            {699_999, MemoryTotal.NORMAL},
            {700_000, MemoryTotal.PAUSING},
            {600_000, MemoryTotal.PAUSING},
            {849_999, MemoryTotal.PAUSING},
            {850_000, MemoryTotal.SHEDDING},
            {700_001, MemoryTotal.SHEDDING},
            {999_999, MemoryTotal.SHEDDING},
            {1_000_000, MemoryTotal.FULL},
            {999_999, MemoryTotal.SHEDDING},
            {700_000, MemoryTotal.PAUSING},
            {850_000, MemoryTotal.SHEDDING},
            {599_999, MemoryTotal.NORMAL},
            {699_999, MemoryTotal.NORMAL},
            {1_000_000, MemoryTotal.FULL},
            {0, MemoryTotal.NORMAL},
        };
        for (int[] step : steps) {
            loop.add(step[0] - total.usedBytes());
            assertThat(total.level()).as("with %s bytes", step[0]).isEqualTo(step[1]);
        }
    }

    @Test
    void aChangeIsTakenOnceAlsoWhenItHasComeBack() {
        Loop loop = new Loop(total);
        assertThat(total.isCalm()).isTrue();
        assertThat(total.takeChange()).isEqualTo(-1);
        loop.add(900_000);
        loop.add(-900_000);
        assertThat(total.isCalm()).as("who has paused meanwhile must go on").isFalse();
        assertThat(total.takeChange()).isEqualTo(MemoryTotal.NORMAL);
        assertThat(total.takeChange()).isEqualTo(-1);
        assertThat(total.isCalm()).isTrue();
    }

    @Test
    void aHolderIsNotifiedWhenItTakesMoreOfWhatIsFull() {
        Loop loop = new Loop(total);
        Holder one = new Holder(loop);
        one.charge(999_999);
        assertThat(one.heldWhenFull).isZero();
        one.hold(1);
        assertThat(one.heldWhenFull).isEqualTo(1_000_000);
        one.heldWhenFull = 0;
        one.free(1);
        assertThat(one.heldWhenFull).isZero();
    }

    @Test
    void whatIsChargedIsReleasedOnceAndNeverMoreThanThat() {
        Loop loop = new Loop(total);
        loop.join();
        Holder one = new Holder(loop);
        one.hold(100);
        one.charge(1000);
        assertThat(one.heldBytes()).isEqualTo(1100);
        assertThatThrownBy(() -> one.release(1001))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bytes: 1001, but only 1000 are charged");
        assertThatThrownBy(() -> one.charge(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> one.release(-1)).isInstanceOf(IllegalArgumentException.class);
        one.release(400);
        one.leaveAccount(100);
        assertThat(one.heldBytes()).isZero();
        one.charge(7);
        one.release(9);
        assertThat(one.heldBytes()).as("after the end").isZero();
        assertThat(total.usedBytes()).isZero();
    }

    /** Two rounds that overlap would end twice as many as needed. */
    @Test
    void aRoundOfSheddingBeginsWhenAllOfTheOneBeforeHaveClosed() {
        Loop loop = new Loop(total);
        assertThat(total.beginShedding()).as("nothing is scarce").isFalse();
        loop.add(900_000);
        assertThat(total.beginShedding()).isTrue();
        assertThat(total.beginShedding()).isFalse();
        total.addVictim();
        total.addVictim();
        total.endShedding(2);
        assertThat(total.beginShedding()).isFalse();
        total.victimClosed();
        assertThat(total.beginShedding()).isFalse();
        total.victimClosed();
        assertThat(total.beginShedding()).isTrue();
        total.endShedding(0);
        assertThat(total.beginShedding())
                .as("nothing was found, and little has changed")
                .isFalse();
        loop.add(1_000_000 / 64);
        assertThat(total.beginShedding()).isTrue();
        total.endShedding(0);
    }

    /** The level is that of the total in the end, whichever of the threads that change both comes last. */
    @Test
    void threadsThatChangeItTogetherLeaveTheLevelOfTheLastChange() throws Exception {
        for (int round = 0; round < 200; round++) {
            List<Thread> threads = new ArrayList<>();
            CountDownLatch begin = new CountDownLatch(1);
            int parity = round % 2;
            for (int i = 0; i < THREADS; i++) {
                Loop loop = new Loop(total);
                loop.join();
                Thread thread = new Thread(() -> {
                    Holder one = new Holder(loop);
                    await(begin);
                    for (int j = 0; j < 500; j++) {
                        one.hold(240_000);
                        one.free(240_000);
                    }
                    if (parity == 0) {
                        one.hold(240_000);
                    }
                    loop.leave();
                });
                threads.add(thread);
                thread.start();
            }
            begin.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(total.usedBytes()).isEqualTo(parity == 0 ? THREADS * 240_000L : 0);
            assertThat(total.level()).isEqualTo(parity == 0 ? MemoryTotal.SHEDDING : MemoryTotal.NORMAL);
            if (parity == 0) {
                new Loop(total).add(-THREADS * 240_000L);
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
