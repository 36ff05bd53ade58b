package io.millio.testkit;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The threads below the strands. To pass the baton between virtual threads costs a half to a third of what it costs
 * between platform threads, so they are virtual where a virtual thread that holds a monitor does not hold up its
 * carrier while it waits: since Java 24 (JEP 491). With {@code -Dmillio.testkit.virtualThreads=false} they never are:
 * for what behaves differently on them, as the caches of an object pool.
 */
final class SimThreads {
    private static final int FIRST_JAVA = 24;
    private static final boolean WANTED =
            Boolean.parseBoolean(System.getProperty("millio.testkit.virtualThreads", "true"));

    // They are used again for the next network: to make them would cost more than most simulations.
    private static final Executor PLATFORM = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "simulated");
        thread.setDaemon(true);
        return thread;
    });

    private static final @Nullable Executor VIRTUAL = virtual();

    // Volatile: set by the driver of any network. A virtual thread that never gives way keeps one of few carriers.
    private static volatile boolean carrierLost;

    private SimThreads() {}

    static void execute(Runnable body) {
        Executor virtual = VIRTUAL;
        (virtual == null || carrierLost ? PLATFORM : virtual).execute(body);
    }

    /** A strand is stuck, perhaps for ever: later ones run on platform threads. */
    static void stuck() {
        carrierLost = true;
    }

    // The method is public since 21, but this code is compiled for 17.
    private static @Nullable Executor virtual() {
        if (!WANTED || Runtime.version().feature() < FIRST_JAVA) {
            return null;
        }
        try {
            MethodHandle start = MethodHandles.publicLookup()
                    .findStatic(
                            Thread.class, "startVirtualThread", MethodType.methodType(Thread.class, Runnable.class));
            return body -> {
                try {
                    Thread unused = (Thread) start.invokeExact(body);
                } catch (RuntimeException | Error e) {
                    throw e;
                } catch (Throwable e) {
                    throw new AssertionError(e);
                }
            };
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return null;
        }
    }
}
