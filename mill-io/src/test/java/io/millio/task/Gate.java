package io.millio.task;

import java.util.concurrent.CountDownLatch;

/** A task that occupies a worker until it is let go. */
final class Gate implements Runnable {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    @Override
    public void run() {
        entered.countDown();
        Waiting.await(open);
    }

    void awaitEntered() {
        Waiting.await(entered);
    }

    void open() {
        open.countDown();
    }
}
