package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.LoopError;
import io.millio.transport.Transport;
import io.millio.transport.TransportStatus;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Where a test takes place: loops that the test drives, on a network and a clock. Each transport is a line in
 * {@link #all}.
 */
public abstract class Venue implements AutoCloseable {
    /** How a venue is made, by name. */
    public enum Kind {
        NIO {
            @Override
            public Venue open() {
                return new Sockets(Transport.named("nio"));
            }
        },
        EPOLL {
            @Override
            public Venue open() {
                return new Sockets(Transport.named("epoll"));
            }
        },

        /** All connections of server and client go through TLS, which their handlers must not notice. */
        NIO_TLS {
            @Override
            public Venue open() {
                return new Sockets(Transport.named("nio"));
            }

            @Override
            public boolean isEncrypted() {
                return true;
            }
        },

        /** The same by the older protocol. */
        NIO_TLS12 {
            @Override
            public Venue open() {
                return new Sockets(Transport.named("nio"));
            }

            @Override
            public boolean isEncrypted() {
                return true;
            }

            @Override
            public String protocol() {
                return "TLSv1.2";
            }
        };

        public abstract Venue open();

        public boolean isEncrypted() {
            return false;
        }

        /** Of TLS, where that is. */
        public String protocol() {
            return "TLSv1.3";
        }

        /** What it is called before its first underscore. */
        String transport() {
            String name = name().toLowerCase(Locale.ROOT);
            int end = name.indexOf('_');
            return end < 0 ? name : name.substring(0, end);
        }
    }

    /** Epoll is there on Linux, with a newer Java than the oldest that the tests run on. */
    public static Stream<Kind> all() {
        List<String> usable = Transport.available().stream()
                .filter(TransportStatus::usable)
                .map(TransportStatus::name)
                .toList();
        return Stream.of(Kind.values()).filter(kind -> usable.contains(kind.transport()));
    }

    public final List<LoopError> errors = new CopyOnWriteArrayList<>();

    Venue() {}

    /** A loop on the server's side; driven only by {@link #step}. */
    public abstract EventLoop serverLoop();

    /** A loop on the client's side. */
    public abstract EventLoop clientLoop();

    /** Makes the loops with other settings than {@link EventLoopBuilder#direct}, before the first is asked for. */
    public abstract void loops(EventLoopBuilder builder);

    /** An address of the server's side to listen on. */
    public abstract SocketAddress anyAddress();

    /** Lets everything go on a little. */
    public abstract void step();

    /** Lets time pass. */
    public abstract void advance(Duration by);

    public final void until(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > 20_000_000_000L) {
                throw new AssertionError("waited in vain until " + what);
            }
            step();
        }
    }

    /** So many steps that what has not happened then is taken not to happen. */
    public final void settle() {
        for (int i = 0; i < 50; i++) {
            step();
        }
    }

    @Override
    public abstract void close();

    /** The sockets of the system, on a clock that the test moves; one thread drives both sides. */
    public static final class Sockets extends Venue {
        private final Transport transport;
        private final AtomicLong clock = new AtomicLong(1);
        private final List<EventLoop> loops = new ArrayList<>();
        private EventLoopBuilder builder = EventLoop.builder().direct();

        Sockets(Transport transport) {
            this.transport = transport;
        }

        @Override
        public void loops(EventLoopBuilder settings) {
            assertThat(loops).isEmpty();
            builder = settings;
        }

        private EventLoop loop(int index) {
            while (loops.size() <= index) {
                loops.add(builder.transport(transport)
                        .nanoClock(clock::get)
                        .pollTimeout(Duration.ZERO)
                        .errorHandler(errors::add)
                        .build());
            }
            return loops.get(index);
        }

        @Override
        public EventLoop serverLoop() {
            return loop(0);
        }

        @Override
        public EventLoop clientLoop() {
            return loop(1);
        }

        @Override
        public SocketAddress anyAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        }

        @Override
        public void step() {
            loops.forEach(EventLoop::runOnce);
        }

        @Override
        public void advance(Duration by) {
            clock.addAndGet(by.toNanos());
        }

        @Override
        public void close() {
            loops.forEach(EventLoop::close);
            for (EventLoop loop : loops) {
                assertThat(loop.stats().registrations())
                        .as("registrations left")
                        .isZero();
                assertThat(loop.stats().timers()).as("timers left").isZero();
            }
        }
    }
}
