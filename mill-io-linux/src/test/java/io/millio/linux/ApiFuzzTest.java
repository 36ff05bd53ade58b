package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.SocketSettings;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls in random order with random arguments, half of them wrong, while another thread closes things: each returns or
 * throws what it may, the process lives on, and no descriptor is left over.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class ApiFuzzTest {
    private static final int CALLS = 60_000;
    private static final int AT_MOST = 60;

    private final long seed = Long.getLong("millio.linux.seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private final Transport epoll = LoopbackPair.epoll();

    // Guarded by itself: the other thread takes some out and closes them.
    private final List<Source> sources = new ArrayList<>();
    private final List<Poller> pollers = new ArrayList<>();
    private final List<Kept> keys = new ArrayList<>();
    private int refused;

    @TempDir
    private Path folder;

    /** A key, and the poller that gave it. */
    private record Kept(Poller poller, Poller.Key key) {}

    @FunctionalInterface
    private interface Call {
        void run() throws IOException;
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    @Test
    void noCallsInNoOrderDoWorseThanThrow() throws Exception {
        exercise(1000); // what the platform opens once is open now
        long before = openDescriptors();
        exercise(CALLS);
        assertThat(refused).as("seed " + seed).isBetween(CALLS / 20, CALLS);
        assertThat(openDescriptors()).as("seed " + seed).isEqualTo(before);
        try (LoopbackPair pair = LoopbackPair.open()) {
            assertThat(pair.stream().write(ByteBuffer.allocate(5))).isEqualTo(5);
            assertThat(pair.peer().read(ByteBuffer.allocate(9))).isEqualTo(5);
        }
    }

    private void exercise(int calls) throws Exception {
        AtomicInteger left = new AtomicInteger(calls);
        Random others = new Random(random.nextLong());
        Thread closer = new Thread(() -> {
            while (left.get() > 0) {
                Source victim = taken(others);
                if (victim != null) {
                    attempt(victim::close);
                }
            }
        });
        closer.start();
        try {
            while (left.getAndDecrement() > 0) {
                attempt(this::anything);
            }
        } finally {
            left.set(0);
            closer.join();
        }
        for (Source source; (source = taken(random)) != null; ) {
            source.close();
        }
        for (Poller poller : pollers) {
            poller.close();
        }
        pollers.clear();
        keys.clear();
    }

    @SuppressWarnings("CatchingUnchecked")
    private void attempt(Call call) {
        try {
            call.run();
        } catch (IOException
                | IllegalArgumentException
                | IllegalStateException
                | NullPointerException
                | UnsupportedOperationException
                | IndexOutOfBoundsException e) {
            refused++; // approximate: both threads count
        } catch (RuntimeException e) {
            fail("seed " + seed, e);
        }
    }

    private @Nullable Source taken(Random by) {
        synchronized (sources) {
            return sources.isEmpty() ? null : sources.remove(by.nextInt(sources.size()));
        }
    }

    private void keep(@Nullable Source source) throws IOException {
        if (source == null) {
            return;
        }
        Source surplus = source;
        synchronized (sources) {
            sources.add(source);
            if (sources.size() > AT_MOST) {
                surplus = sources.remove(random.nextInt(sources.size()));
            } else {
                surplus = null;
            }
        }
        if (surplus != null) {
            surplus.close();
        }
    }

    private @Nullable Source some() {
        synchronized (sources) {
            return sources.isEmpty() ? null : sources.get(random.nextInt(sources.size()));
        }
    }

    private void anything() throws IOException {
        switch (random.nextInt(12)) {
            case 0 -> open();
            case 1, 2 -> poll();
            case 3 -> arm();
            default -> use();
        }
    }

    @SuppressWarnings("NullAway") // null is one of the wrong arguments
    private void open() throws IOException {
        switch (random.nextInt(7)) {
            case 0 -> keep(epoll.openListener(address(), number()));
            case 1 -> keep(epoll.openStream(address()));
            case 2 -> keep(epoll.openUdp(random.nextBoolean() ? null : address(), SocketSettings.NONE));
            case 3 -> {
                Fd.Pipe pipe = Fd.pipe();
                keep(pipe.reader());
                keep(pipe.writer());
            }
            case 4 -> keep(Fd.borrow(random.nextBoolean() ? -1 - random.nextInt(9) : 1_000_000));
            case 5 -> keep(Inotify.open());
            default -> {
                Poller poller = epoll.openPoller(number(), System::nanoTime);
                pollers.add(poller);
                if (pollers.size() > 5) {
                    pollers.remove(random.nextInt(pollers.size())).close();
                }
            }
        }
    }

    private void poll() throws IOException {
        if (!pollers.isEmpty()) {
            Poller poller = pollers.get(random.nextInt(pollers.size()));
            if (random.nextInt(100) == 0) {
                poller.close();
            }
            poller.wakeup();
            poller.poll(System.nanoTime(), (id, ready) -> {
                if (random.nextInt(10) == 0) {
                    throw new IllegalStateException("the sink fails");
                }
            });
        }
    }

    @SuppressWarnings("NullAway")
    private void arm() throws IOException {
        Interest interest = Interest.ofBits(random.nextInt(4));
        if (pollers.isEmpty()) {
            return;
        }
        if (keys.isEmpty() || random.nextBoolean()) {
            Poller poller = pollers.get(random.nextInt(pollers.size()));
            keys.add(new Kept(poller, poller.add(some(), random.nextLong(), interest)));
        } else {
            Kept kept = keys.get(random.nextInt(keys.size()));
            Poller poller = random.nextInt(20) > 0 ? kept.poller() : pollers.get(random.nextInt(pollers.size()));
            if (random.nextBoolean()) {
                poller.modify(kept.key(), interest);
            } else {
                poller.remove(kept.key());
                keys.remove(kept);
            }
        }
    }

    private void use() throws IOException {
        Source source = some();
        if (source == null) {
            open();
        } else if (source instanceof TcpListener listener) {
            keep(listener.accept());
        } else if (source instanceof TcpStream stream) {
            use(stream);
        } else if (source instanceof UdpSocket socket) {
            use(socket);
        } else if (source instanceof Fd fd) {
            if (random.nextBoolean()) {
                fd.read(buffer());
            } else {
                fd.write(buffer());
            }
        } else if (source instanceof Inotify inotify) {
            use(inotify);
        }
    }

    private void use(TcpStream stream) throws IOException {
        switch (random.nextInt(7)) {
            case 0 -> stream.finishConnect();
            case 1 -> stream.read(buffer());
            case 2 -> stream.write(buffer());
            case 3 -> stream.write(new ByteBuffer[] {buffer(), buffer(), buffer()}, number() % 5 - 1, number() % 6 - 1);
            case 4 -> stream.shutdownOutput();
            case 5 -> option(stream);
            default -> assertThat(stream.remoteAddress()).isNotNull();
        }
    }

    private void option(TcpStream stream) throws IOException {
        switch (random.nextInt(5)) {
            case 0 -> stream.setOption(StandardSocketOptions.SO_RCVBUF, number());
            case 1 -> stream.setOption(StandardSocketOptions.SO_LINGER, -number());
            case 2 -> stream.setOption(LinuxSocketOptions.TCP_USER_TIMEOUT, -number());
            case 3 -> stream.setOption(StandardSocketOptions.IP_MULTICAST_TTL, number());
            default -> {
                List<SocketOption<?>> all = List.copyOf(stream.supportedOptions());
                stream.getOption(all.get(random.nextInt(all.size())));
            }
        }
    }

    @SuppressWarnings("NullAway")
    private void use(UdpSocket socket) throws IOException {
        switch (random.nextInt(6)) {
            case 0 -> socket.connect(address());
            case 1 -> socket.disconnect();
            case 2 -> socket.receive(buffer());
            case 3 -> socket.send(buffer(), address());
            case 4 -> socket.send(buffer());
            default -> socket.join(InetAddress.getLoopbackAddress(), null);
        }
    }

    private void use(Inotify inotify) throws IOException {
        Path path = random.nextBoolean() ? folder : folder.resolve("none");
        switch (random.nextInt(4)) {
            case 0 -> inotify.watch(path);
            case 1 -> inotify.watchTree(path);
            case 2 -> inotify.unwatch(path);
            default ->
                inotify.read(event -> {
                    throw new IllegalStateException("the sink fails");
                });
        }
    }

    /** Mostly small; now and then as bad as it can be. */
    private int number() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> -1 - random.nextInt(5);
            case 2 -> Integer.MIN_VALUE;
            case 3 -> 65_536 + random.nextInt(1000);
            default -> 1 + random.nextInt(100);
        };
    }

    @SuppressWarnings("NullAway")
    private SocketAddress address() throws IOException {
        synchronized (sources) {
            for (int i = 0; i < 3 && !sources.isEmpty() && random.nextBoolean(); i++) {
                if (sources.get(random.nextInt(sources.size())) instanceof TcpListener listener) {
                    return listener.localAddress();
                }
            }
        }
        return switch (random.nextInt(7)) {
            case 0 -> null;
            case 1 -> InetSocketAddress.createUnresolved("nowhere.invalid", 80);
            case 2 -> UnixDomainSocketAddress.of(folder.resolve("s" + random.nextInt(10)));
            case 3 -> UnixDomainSocketAddress.of("/" + "x".repeat(200));
            case 4 -> new InetSocketAddress(InetAddress.getByAddress(new byte[16]), 0);
            default -> LoopbackPair.ANY;
        };
    }

    @SuppressWarnings("NullAway")
    private ByteBuffer buffer() {
        int size = random.nextInt(3000);
        return switch (random.nextInt(9)) {
            case 0 -> null;
            case 1 -> ByteBuffer.allocate(0);
            case 2 -> ByteBuffer.allocateDirect(size);
            case 3 -> ByteBuffer.allocate(size).asReadOnlyBuffer();
            case 4 -> ByteBuffer.allocateDirect(size).asReadOnlyBuffer();
            case 5 -> ofClosedArena(size);
            case 6 -> Arena.ofAuto().allocate(size + 1L).asByteBuffer();
            default -> ByteBuffer.allocate(size);
        };
    }

    private static ByteBuffer ofClosedArena(int size) {
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocate(size + 1L).asByteBuffer();
        }
    }
}
