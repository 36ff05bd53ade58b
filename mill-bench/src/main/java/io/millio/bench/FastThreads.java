package io.millio.bench;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that measure, as JMH makes them by name. They are Netty's own kind, as those of its loops are: on others
 * its recycler and its allocator do without their caches. To the rest it makes no difference.
 */
public final class FastThreads extends ThreadPoolExecutor {
    public FastThreads(int threads, String prefix) {
        super(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new FastThreadLocalThread(task, prefix);
            thread.setDaemon(true);
            return thread;
        });
    }
}
