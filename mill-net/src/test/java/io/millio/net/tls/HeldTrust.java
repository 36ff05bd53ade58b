package io.millio.net.tls;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A trust manager that blocks the handshake until {@link #goOn} is counted down. */
public final class HeldTrust {
    public final CountDownLatch begun = new CountDownLatch(1);
    public final CountDownLatch goOn = new CountDownLatch(1);
    public final CountDownLatch over = new CountDownLatch(1);

    public HeldTrust() {}

    public TestTrust trust() {
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
