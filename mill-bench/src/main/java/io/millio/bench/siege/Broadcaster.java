package io.millio.bench.siege;

import java.util.function.Consumer;

/** A thread of a victim that sends a line to all subscribers again and again. */
final class Broadcaster {
    private Broadcaster() {}

    /** Starts it: 8 KB each 20 ms. */
    static void start(Consumer<byte[]> toAll) {
        Thread thread = new Thread(() -> run(toAll), "broadcaster");
        thread.setDaemon(true);
        thread.start();
    }

    private static void run(Consumer<byte[]> toAll) {
        byte[] message = LineCommands.broadcast();
        try {
            while (true) {
                Thread.sleep(LineCommands.BROADCAST_MILLIS);
                try {
                    toAll.accept(message);
                } catch (RuntimeException | OutOfMemoryError e) {
                    VictimProgram.log(e); // the next message may be possible again
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
