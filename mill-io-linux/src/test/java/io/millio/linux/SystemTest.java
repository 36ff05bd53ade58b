package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * What a transport that calls the system itself must keep: memory, safepoints, and numbers that come to mean something
 * else.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class SystemTest {
    private static final int MESSAGES = 20_000;
    private static final int ROUNDS = 40; // the first without allocation is the last; compilers may be late

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private int echoed;

    private long allocatedBytes() {
        return threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
    }

    @Test
    void aCollectionOfGarbageDoesNotWaitForALoopThatSleeps() throws Exception {
        try (EventLoop loop = LoopbackPair.directLoop()) {
            CountDownLatch runs = new CountDownLatch(1);
            loop.execute(runs::countDown);
            Thread sleeper = loop.start();
            runs.await();
            Thread collector = new Thread(System::gc);
            collector.start();
            collector.join(TimeUnit.SECONDS.toMillis(30));
            assertThat(collector.isAlive()).isFalse();
            assertThat(sleeper.isAlive()).isTrue();
        }
    }

    @Test
    void anEchoedMessageAllocatesNothing() throws IOException {
        try (EventLoop loop = LoopbackPair.directLoop();
                LoopbackPair pair = LoopbackPair.open();
                Arena shared = Arena.ofShared()) {
            ByteBuffer[] kinds = {
                ByteBuffer.allocate(1024),
                ByteBuffer.allocateDirect(1024),
                shared.allocate(1024).asByteBuffer(),
                Arena.global().allocate(1024).asByteBuffer()
            };
            loop.register(
                    pair.stream(),
                    Interest.READABLE,
                    event -> echo(pair.stream(), kinds[echoed < MESSAGES ? echoed % kinds.length : 1]));
            ByteBuffer message = ByteBuffer.allocateDirect(64);
            echo(loop, pair.peer(), message); // a process that has seen all kinds
            // What a message allocates shows in every round; what is loaded or compiled late shows in some.
            long perMessage = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && perMessage > 0; round++) {
                long before = allocatedBytes();
                echo(loop, pair.peer(), message);
                perMessage = Math.min(perMessage, (allocatedBytes() - before) / MESSAGES);
            }
            assertThat(perMessage).as("bytes a message").isZero();
        }
    }

    private void echo(TcpStream stream, ByteBuffer buffer) throws IOException {
        if (stream.read(buffer.clear()) > 0) {
            stream.write(buffer.flip());
            echoed++;
        }
    }

    private void echo(EventLoop loop, SocketChannel peer, ByteBuffer message) throws IOException {
        for (int i = 0; i < MESSAGES; i++) {
            int before = echoed;
            peer.write(message.clear());
            while (echoed == before) {
                loop.runOnce();
            }
            peer.read(message.clear());
        }
    }

    @Test
    void thousandsAreClosedFromOneCallbackAndTheirNumbersServeOthersInTheSameTurn() throws IOException {
        try (EventLoop loop = EventLoop.builder()
                .transport(LoopbackPair.epoll())
                .direct()
                .pollTimeout(Duration.ZERO) // the turns in which nothing may happen do not wait for it
                .build()) {
            TcpListener listener = loop.openListener(LoopbackPair.ANY);
            SocketAddress address = listener.localAddress();
            List<SocketChannel> peers = new ArrayList<>();
            List<Registration> accepted = new ArrayList<>();
            AtomicInteger strangers = new AtomicInteger();
            AtomicInteger served = new AtomicInteger();
            boolean[] closing = new boolean[1];
            loop.register(listener, Interest.READABLE, event -> {
                if (closing[0]) {
                    accepted.forEach(Registration::close);
                }
                for (TcpStream stream; (stream = listener.accept()) != null; ) {
                    TcpStream each = stream;
                    boolean second = closing[0];
                    accepted.add(loop.register(each, Interest.READABLE, ready -> {
                        (second ? served : strangers).incrementAndGet();
                        each.read(ByteBuffer.allocate(10));
                    }));
                }
            });
            for (int i = 0; i < 2500; i++) {
                peers.add(SocketChannel.open(address));
                while (accepted.size() <= i) {
                    loop.runOnce();
                }
            }
            // All are readable, and an event of each may be in the batch that has the listener's.
            for (SocketChannel peer : peers) {
                peer.write(ByteBuffer.allocate(1));
            }
            closing[0] = true;
            List<SocketChannel> others = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                others.add(SocketChannel.open(address));
            }
            while (accepted.size() < 2600) {
                loop.runOnce();
            }
            int before = strangers.get();
            for (int i = 0; i < 50; i++) {
                loop.runOnce();
            }
            assertThat(strangers).as("events of closed ones").hasValue(before);
            assertThat(served).as("events that others inherited").hasValue(0);
            for (SocketChannel other : others) {
                other.write(ByteBuffer.allocate(1));
            }
            while (served.get() < 100) {
                loop.runOnce();
            }
            for (SocketChannel peer : peers) {
                peer.close();
            }
            for (SocketChannel other : others) {
                other.close();
            }
        }
    }

    @Test
    void aCloseThatRacesReadsAndWritesHarmsNoOtherSocket() throws Exception {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        for (int round = 0; round < 300; round++) {
            try (LoopbackPair victim = LoopbackPair.open()) {
                CountDownLatch begin = new CountDownLatch(3);
                Thread reader = racing(begin, failure, () -> victim.stream().read(ByteBuffer.allocateDirect(64)));
                Thread writer = racing(begin, failure, () -> victim.stream().write(ByteBuffer.allocateDirect(1)));
                begin.countDown();
                begin.await();
                victim.stream().close();
                // These get the number of the victim as soon as it is free, and none of its bytes.
                try (LoopbackPair other = LoopbackPair.open()) {
                    reader.join();
                    writer.join();
                    other.peer().configureBlocking(false);
                    assertThat(other.peer().read(ByteBuffer.allocate(10))).isZero();
                    assertThat(other.stream().isOpen()).isTrue();
                }
            }
        }
        assertThat(failure.get()).isNull();
    }

    private interface Call {
        void run() throws IOException;
    }

    private static Thread racing(CountDownLatch begin, AtomicReference<@Nullable Throwable> failure, Call call) {
        Thread thread = new Thread(() -> {
            begin.countDown();
            try {
                while (true) {
                    call.run();
                }
            } catch (ClosedChannelException e) {
                // the end that is meant
            } catch (Throwable t) {
                failure.set(t);
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void registeringARegularFileFails() throws Exception {
        try (EventLoop loop = LoopbackPair.directLoop();
                Fd file = Fd.borrow(descriptorOfAFile())) {
            assertThatThrownBy(() -> loop.register(file, Interest.READABLE, event -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("regular file");
            assertThat(loop.registrations()).isZero();
        }
    }

    private static int descriptorOfAFile() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(Files::isRegularFile)
                    .mapToInt(each -> Integer.parseInt(String.valueOf(each.getFileName())))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
