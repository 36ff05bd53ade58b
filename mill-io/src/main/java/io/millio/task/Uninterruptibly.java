package io.millio.task;

/** Waits that an interrupt does not end; it is set again afterwards. */
final class Uninterruptibly {
    private Uninterruptibly() {}

    /** A wait of at most so many nanoseconds; returns whether it has ended, and not timed out. */
    @FunctionalInterface
    interface Wait {
        boolean await(long timeoutNanos) throws InterruptedException;
    }

    static boolean await(Wait wait, long timeoutNanos) {
        long begin = System.nanoTime();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return wait.await(timeoutNanos - (System.nanoTime() - begin));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
