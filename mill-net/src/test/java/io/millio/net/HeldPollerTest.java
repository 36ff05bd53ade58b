package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.EventLoopGroup;
import io.millio.testkit.ForwardingPoller;
import io.millio.testkit.ForwardingTransport;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Source;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What meets while a loop is inside of a call of its poller: a poller holds it there until the other has come. */
class HeldPollerTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A transport of which the next change to an interest, or the next addition, is held. */
    private static final class Held extends ForwardingTransport {
        private final AtomicReference<Runnable> onNone = new AtomicReference<>(() -> {});
        private final AtomicInteger addsToFail = new AtomicInteger();

        Held() {
            super(Transport.named("nio"));
        }

        @Override
        public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
            return new ForwardingPoller(delegate.openPoller(eventCapacity, nanoClock)) {
                @Override
                public Key add(Source source, Object attachment, Interest interest) throws IOException {
                    if (addsToFail.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                        throw new IOException("no room in the poller (not really)");
                    }
                    return super.add(source, attachment, interest);
                }

                @Override
                public void modify(Key key, Interest interest) {
                    super.modify(key, interest);
                    if (interest == Interest.NONE) {
                        onNone.getAndSet(() -> {}).run();
                    }
                }
            };
        }
    }

    private final Held held = new Held();

    private static void await(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start)
                    .as("waited in vain until " + what)
                    .isLessThan(DEADLINE_NANOS);
            LockSupport.parkNanos(50_000);
        }
    }

    private EventLoopBuilder loops() {
        return EventLoop.builder().transport(held).direct();
    }

    private static Socket connect(TcpServer server) throws IOException {
        InetSocketAddress to = (InetSocketAddress) server.localAddress();
        Socket socket = new Socket(to.getAddress(), to.getPort());
        socket.setSoTimeout((int) TimeUnit.NANOSECONDS.toMillis(DEADLINE_NANOS));
        return socket;
    }

    private static void assertServed(Socket socket) throws IOException {
        socket.getOutputStream().write('x');
        assertThat(socket.getInputStream().read()).isEqualTo('x');
    }

    /**
     * The last place is given back, by another loop, when the acceptor has found none and has stopped listening, and is
     * about to wait for one: no later event would resume it.
     */
    @Test
    void anAcceptorLooksForAPlaceOnceMoreWhenItHasStoppedListening() throws IOException {
        try (EventLoopGroup group = loops().buildGroup(2)) {
            group.start();
            TcpServer server = TcpServer.builder()
                    .address(ANY)
                    .loops(group)
                    .maxConnections(1)
                    .handler(Connection::write)
                    .start();
            try (Socket ofTheFirstLoop = connect(server)) {
                assertServed(ofTheFirstLoop); // which accepts; the next one is on the other
            }
            await("it has gone", () -> server.connections() == 0);
            CompletableFuture<Socket> first = new CompletableFuture<>();
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            held.onNone.set(() -> {
                try {
                    first.join().close();
                    await("its place is free", () -> server.connections() == 0);
                } catch (IOException | AssertionError e) {
                    failure.set(e);
                }
            });
            first.complete(connect(server));
            try (Socket second = connect(server)) {
                assertServed(second);
            }
            assertThat(failure.get()).isNull();
        }
    }

    /** The write comes when the turn that another thread had asked for has looked for writes, and is not over yet. */
    @Test
    void aWriteOfAnotherThreadAtTheEndOfATurnIsNotLost() throws Exception {
        try (EventLoop loop = loops().build()) {
            loop.start();
            AtomicReference<Connection> opened = new AtomicReference<>();
            TcpServer server = TcpServer.builder()
                    .address(ANY)
                    .loop(loop)
                    .handlers(connection -> {
                        opened.set(connection);
                        return Connection::write;
                    })
                    .start();
            try (Socket peer = connect(server)) {
                assertServed(peer);
                held.onNone.set(() -> {
                    Thread writer = new Thread(() -> opened.get().write(ByteBuffer.wrap(new byte[] {'y'})));
                    writer.start();
                    try {
                        writer.join();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
                opened.get().pauseReading();
                assertThat(peer.getInputStream().read()).isEqualTo('y');
            }
        }
    }

    @Test
    void connectionsThatThePollerRefusesGiveTheirPlacesBack() throws IOException {
        List<Object> errors = new CopyOnWriteArrayList<>();
        try (EventLoop loop = loops().errorHandler(errors::add).build()) {
            loop.start();
            TcpServer server = TcpServer.builder()
                    .address(ANY)
                    .loop(loop)
                    .maxConnections(2)
                    .maxConnectionsPerAddress(1)
                    .handler(Connection::write)
                    .start();
            for (int i = 1; i <= 3; i++) {
                held.addsToFail.set(1);
                try (Socket refused = connect(server)) {
                    assertThat(refused.getInputStream().read()).isEqualTo(-1);
                }
                int count = i;
                await("it is reported", () -> errors.size() == count);
                await("its place is free", () -> server.connections() == 0);
            }
            try (Socket served = connect(server)) {
                assertServed(served);
            }
            await("its place is free", () -> server.connections() == 0);
            CompletableFuture<Boolean> closed = server.close(Duration.ofSeconds(10));
            await("it has closed", closed::isDone);
            assertThat(closed).isCompletedWithValue(true);
        }
    }
}
