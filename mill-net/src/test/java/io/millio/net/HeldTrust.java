package io.millio.net;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What keeps the handshake computing until it is told to go on. */
final class HeldTrust {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final CountDownLatch over = new CountDownLatch(1);

    TestTrust trust() {
        return new TestTrust(chain -> {
            begun.countDown();
            try {
                boolean unused = goOn.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                over.countDown();
            }
        });
    }
}
