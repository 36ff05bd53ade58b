package io.millio.testkit;

import io.millio.internal.Addresses;
import io.millio.transport.Readiness;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One end of a simulated connection. As on real systems: what has arrived can be read though a reset came behind it; a
 * close with bytes unread resets; bytes that come to a closed end are answered with a reset.
 */
final class SimStream extends SimSource implements TcpStream {
    private enum Phase {
        CONNECTING,
        /** The attempt has ended, well or not, and finishConnect has not been called since. */
        ATTEMPTED,
        CONNECTED
    }

    private final SocketAddress local;
    private final SocketAddress remote;
    private final String label;

    // Guarded by the world, all of it. The pipes are there from the moment the other end is.
    private Phase phase;
    private @Nullable IOException connectFailure;
    private @Nullable SimStream peer;
    private @Nullable SimPipe in;
    private @Nullable SimPipe out;
    private SimScheduler.@Nullable Due timeout;
    private @Nullable String broken; // how the next read or write fails
    private boolean outputShut;
    private int portToRelease;

    private SimStream(
            SimHost host, SocketAddress local, SocketAddress remote, String label, Phase phase, SimOptions options) {
        super(host, options);
        this.local = local;
        this.remote = remote;
        this.label = label;
        this.phase = phase;
    }

    /** The end that connects. */
    static SimStream connecting(SimHost host, SocketAddress local, SocketAddress remote, int port, SimOptions options) {
        SimStream stream = new SimStream(
                host,
                local,
                remote,
                host.ports.label(local) + " > " + host.ports.label(remote),
                Phase.CONNECTING,
                options);
        stream.portToRelease = port;
        return stream;
    }

    /** The end that listened, for one that connects; both know each other from here on. */
    static SimStream accepted(SimHost host, SocketAddress local, SimStream from) {
        SimStream stream = new SimStream(
                host,
                local,
                from.local,
                host.ports.label(local) + " > " + host.ports.label(from.local),
                Phase.CONNECTED,
                SimOptions.ofStream());
        SimPipe toHere = new SimPipe(host.world.link(from.host, host).windowBytes);
        SimPipe fromHere = new SimPipe(host.world.link(host, from.host).windowBytes);
        stream.in = toHere;
        stream.out = fromHere;
        stream.peer = from;
        from.in = fromHere;
        from.out = toHere;
        from.peer = stream;
        return stream;
    }

    // ---- what arrives, guarded

    /** The attempt has ended. */
    void connected(@Nullable IOException failure) {
        if (isDead() && failure == null) {
            sendReset();
        }
        if (isDead() || phase != Phase.CONNECTING) {
            return;
        }
        phase = Phase.ATTEMPTED;
        connectFailure = failure;
        if (timeout != null) {
            timeout.cancelled = true;
        }
        world.trace(label, failure == null ? "connected" : "connect fails");
        changed();
    }

    void timeoutIs(SimScheduler.Due due) {
        timeout = due;
    }

    boolean isConnecting() {
        return isOpen() && phase == Phase.CONNECTING;
    }

    boolean isBroken() {
        return broken != null;
    }

    /** Whether the other end's output has ended, and all before that has been read. */
    boolean hasEnded() {
        SimPipe from = in;
        return from != null && from.isAtEnd();
    }

    private void bytesArrive(int bytes) {
        if (!isOpen()) {
            sendReset();
        } else if (broken == null) {
            Objects.requireNonNull(in).arrived(bytes);
            changed();
        }
    }

    private void endArrives() {
        if (isDead()) {
            sendReset();
            return;
        }
        Objects.requireNonNull(in).endArrived();
        world.trace(label, "end arrives");
        changed();
    }

    void resetArrives() {
        if (isOpen() && broken == null) {
            broken = "Connection reset";
            world.trace(label, "reset arrives");
            changed();
        }
    }

    /** Both ends have found the other one gone, as keep-alive and retransmissions do. */
    void timesOut() {
        if (isOpen() && broken == null) {
            broken = "Connection timed out";
            world.trace(label, "times out");
            changed();
        }
    }

    /** Returns the other end, if it is on that host. */
    @Nullable
    SimStream peerOn(SimHost other) {
        SimStream known = peer;
        return known != null && known.host == other ? known : null;
    }

    /** This end was never accepted, and will not be. */
    void resetAndClose() {
        if (broken == null) {
            sendReset();
            broken = "Connection reset";
        }
        closeNow();
    }

    private void roomArrives(int bytes) {
        Objects.requireNonNull(out).released(bytes);
        changed();
    }

    private void sendReset() {
        SimStream to = peer;
        if (to != null) {
            world.carry(host, to.host, 0, to::resetArrives);
        }
    }

    @Override
    int ready() {
        SimPipe from = in;
        SimPipe to = out;
        if (phase != Phase.CONNECTED || from == null || to == null) {
            return phase == Phase.CONNECTING ? 0 : Readiness.WRITABLE;
        }
        int ready = 0;
        if (broken != null) {
            ready = Readiness.READABLE | Readiness.WRITABLE | (world.hangUps ? SimKey.HANG_UPS : 0);
        } else {
            if (from.hasEnded()) {
                ready |= Readiness.READABLE | (world.hangUps ? Readiness.READ_CLOSED : 0);
            }
            ready |= from.toRead() > 0 ? Readiness.READABLE : 0;
            ready |= to.room() > 0 || outputShut ? Readiness.WRITABLE : 0;
        }
        return ready;
    }

    @Override
    void closed() {
        if (timeout != null) {
            timeout.cancelled = true;
        }
        host.ports.release(portToRelease);
        SimStream other = peer;
        if (other == null || broken != null) {
            return;
        }
        if (lingerSeconds() == 0 || Objects.requireNonNull(in).toRead() > 0) {
            world.trace(label, "sends a reset");
            sendReset();
        } else if (!outputShut) {
            world.carry(host, other.host, 0, other::endArrives);
        }
    }

    private int lingerSeconds() {
        return options.get(StandardSocketOptions.SO_LINGER);
    }

    @Override
    String label() {
        return label;
    }

    // ---- the face

    @Override
    public boolean finishConnect() throws IOException {
        world.point();
        synchronized (world) {
            checkOpen();
            if (phase == Phase.CONNECTING) {
                return false;
            }
            IOException failure = connectFailure;
            if (failure != null) {
                closeNow();
                throw failure;
            }
            if (phase == Phase.ATTEMPTED) {
                phase = Phase.CONNECTED;
                changed();
            }
            return true;
        }
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        if (to.isReadOnly()) {
            throw new IllegalArgumentException("to: a read-only buffer: " + to);
        }
        world.point();
        synchronized (world) {
            SimPipe from = checkConnected(in);
            int there = from.toRead();
            if (there == 0) {
                return readNothing(from, to);
            }
            Link link = linkTo();
            if (world.fault(link.wouldBlock, label, "a read would block")) {
                world.trace(label, "read finds nothing (would block), %d bytes are there", there, 0);
                changed();
                return 0;
            }
            int bytes = Math.min(there, to.remaining());
            if (bytes > 1 && world.fault(link.shortReads, label, "a read is short")) {
                bytes = 1 + world.random.below(bytes - 1);
                world.trace(label, "read %d of %d (short)", bytes, there);
            } else if (bytes > 0) {
                world.trace(label, "read %d of %d", bytes, there);
            }
            from.read(to, bytes);
            int taken = bytes;
            SimStream other = Objects.requireNonNull(peer);
            if (taken > 0) {
                world.carry(host, other.host, 0, () -> other.roomArrives(taken));
            }
            return taken;
        }
    }

    private int readNothing(SimPipe from, ByteBuffer to) throws IOException {
        checkBroken("reading");
        if (!from.isAtEnd()) {
            return 0;
        }
        if (to.hasRemaining()) {
            world.trace(label, "read the end");
            inputEnded();
            return -1;
        }
        return 0;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        Objects.requireNonNull(from, "from");
        world.point();
        synchronized (world) {
            return writeNow(from);
        }
    }

    private int writeNow(ByteBuffer from) throws IOException {
        SimPipe to = checkConnected(out);
        if (outputShut) {
            failed();
            throw new ClosedChannelException();
        }
        checkBroken("writing");
        SimStream other = Objects.requireNonNull(peer);
        Link link = linkTo();
        int wanted = from.remaining();
        if (wanted == 0 || to.room() == 0) {
            return 0;
        }
        if (world.fault(link.resets, label, "the connection breaks")) {
            world.trace(label, "the network breaks the connection");
            broken = "Connection reset";
            world.carry(host, other.host, 0, other::resetArrives);
            changed();
            checkBroken("writing");
        }
        if (world.fault(link.wouldBlock, label, "a write would block")) {
            world.trace(label, "write of %d takes nothing (would block)", wanted, 0);
            changed();
            return 0;
        }
        int bytes = Math.min(wanted, to.room());
        boolean isShort = bytes > 1 && world.fault(link.shortWrites, label, "a write is short");
        if (isShort) {
            bytes = 1 + world.random.below(bytes - 1);
        }
        world.trace(label, isShort ? "write %d of %d (short)" : "write %d of %d", bytes, wanted);
        to.write(from, bytes);
        if (world.fault(link.corruptions, label, "a byte is corrupted")) {
            world.trace(label, "a byte is corrupted");
            to.corrupt(bytes, world.random);
        }
        int sent = bytes;
        world.carry(host, other.host, sent, () -> other.bytesArrive(sent));
        return sent;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        world.point();
        synchronized (world) {
            long sum = 0;
            for (int i = offset; i < offset + length; i++) {
                sum += writeNow(from[i]);
                if (from[i].hasRemaining()) {
                    break;
                }
            }
            return sum;
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        world.point();
        synchronized (world) {
            checkConnected(out);
            if (outputShut) {
                throw new SocketException("output is shut down already: " + this);
            }
            checkBroken("shutting down the output of");
            outputShut = true;
            world.trace(label, "ends its output");
            SimStream other = Objects.requireNonNull(peer);
            world.carry(host, other.host, 0, other::endArrives);
        }
    }

    private SimPipe checkConnected(@Nullable SimPipe pipe) throws IOException {
        checkOpen();
        if (phase != Phase.CONNECTED || pipe == null) {
            throw new NotYetConnectedException();
        }
        return pipe;
    }

    private void checkBroken(String what) throws IOException {
        if (broken != null) {
            failed();
            throw new SocketException(broken + ": " + what + " " + this);
        }
    }

    private Link linkTo() {
        return world.link(host, Objects.requireNonNull(peer).host);
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public <T> TcpStream setOption(SocketOption<T> option, T value) throws IOException {
        setOptionNow(option, value);
        return this;
    }

    @Override
    public String toString() {
        return (remote instanceof InetSocketAddress ? "tcp" : "unix") + " stream "
                + (isOpen() ? Addresses.text(local) : "(closed)") + " - " + Addresses.text(remote);
    }
}
