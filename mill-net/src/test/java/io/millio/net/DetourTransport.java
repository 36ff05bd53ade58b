package io.millio.net;

import io.millio.testkit.ForwardingPoller;
import io.millio.testkit.ForwardingTransport;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.SocketSettings;
import io.millio.transport.Source;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Any transport, whose streams go elsewhere than they think: each address leads where a test says, and one that is
 * silent never answers. No packet leaves the machine.
 */
final class DetourTransport extends ForwardingTransport {
    private static final Runnable NOTHING = () -> {};

    private final Map<InetAddress, SocketAddress> ways = new ConcurrentHashMap<>();
    private final Set<InetAddress> silent = ConcurrentHashMap.newKeySet();
    private final List<InetAddress> tried = new CopyOnWriteArrayList<>();
    private final List<TcpStream> silentOnes = new CopyOnWriteArrayList<>();
    private final AtomicReference<Runnable> afterRemove = new AtomicReference<>(NOTHING);

    DetourTransport(Transport delegate) {
        super(delegate);
    }

    void lead(InetAddress address, SocketAddress to) {
        ways.put(address, to);
    }

    /** Has an address never answer; its streams go to a place where they do no harm. */
    void silence(InetAddress address, SocketAddress to) {
        lead(address, to);
        silent.add(address);
    }

    /** The addresses that were tried, in that order. */
    List<InetAddress> tried() {
        return tried;
    }

    /** The streams to silent addresses. */
    List<TcpStream> silentOnes() {
        return silentOnes;
    }

    /** Has something happen once, after the next {@link Poller#remove}, on its thread. */
    void afterNextRemove(Runnable action) {
        afterRemove.set(action);
    }

    @Override
    public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        return new DetourPoller(delegate.openPoller(eventCapacity, nanoClock));
    }

    @Override
    public TcpStream openStream(SocketAddress remote, @Nullable SocketAddress local, SocketSettings settings)
            throws IOException {
        InetAddress address = ((InetSocketAddress) remote).getAddress();
        tried.add(address);
        SocketAddress way = ways.get(address);
        if (way == null) {
            throw new IOException("no way to " + remote);
        }
        TcpStream stream = delegate.openStream(way, local, settings);
        if (silent.contains(address)) {
            silentOnes.add(stream);
        }
        return stream;
    }

    private final class DetourPoller extends ForwardingPoller {
        private final Set<Key> silentKeys = ConcurrentHashMap.newKeySet();

        DetourPoller(Poller poller) {
            super(poller);
        }

        @Override
        public Key add(Source source, Object attachment, Interest interest) throws IOException {
            if (!silentOnes.contains(source)) {
                return delegate.add(source, attachment, interest);
            }
            Key key = delegate.add(source, attachment, Interest.NONE);
            silentKeys.add(key);
            return key;
        }

        @Override
        public void modify(Key key, Interest interest) {
            if (!silentKeys.contains(key)) {
                delegate.modify(key, interest);
            }
        }

        @Override
        public void remove(Key key) {
            delegate.remove(key);
            afterRemove.getAndSet(NOTHING).run();
        }
    }
}
