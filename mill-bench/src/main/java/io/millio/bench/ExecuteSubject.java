package io.millio.bench;

import io.millio.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** One thread that runs tasks; its loop has nothing else to do. The thread has started. */
record ExecuteSubject(Executor executor, Runnable end) implements AutoCloseable {
    static ExecuteSubject open(String subject) {
        ExecuteSubject opened = switch (subject) {
            case "Mill.EventLoop" -> millLoop();
            case "Netty.EventLoop" -> nettyLoop();
            case "JDK.SingleThread" -> jdkThread();
            default -> throw new IllegalArgumentException("subject: " + subject);
        };
        CompletableFuture.runAsync(() -> {}, opened.executor).join();
        return opened;
    }

    private static ExecuteSubject millLoop() {
        EventLoop loop = EventLoop.builder().direct().build();
        loop.start();
        return new ExecuteSubject(loop, loop::close);
    }

    private static ExecuteSubject nettyLoop() {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        return new ExecuteSubject(
                group.next(),
                () -> group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly());
    }

    private static ExecuteSubject jdkThread() {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        return new ExecuteSubject(thread, thread::shutdown);
    }

    @Override
    public void close() {
        end.run();
    }
}
