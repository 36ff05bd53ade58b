package io.millio.net;

import io.millio.task.ComputePool;
import io.millio.task.Priority;
import java.util.concurrent.CountDownLatch;

/** A compute pool whose only worker runs a task of a program, until this is closed, while another task waits. */
final class BusyPool implements AutoCloseable {
    final ComputePool pool = ComputePool.create(1);
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);

    void occupy() {
        pool.execute(Priority.NORMAL, () -> {
            entered.countDown();
            NetCase.await(end);
        });
        NetCase.await(entered);
        pool.execute(Priority.NORMAL, () -> {});
    }

    boolean isOccupied() {
        return end.getCount() == 1;
    }

    @Override
    public void close() {
        end.countDown();
        pool.close();
    }
}
