package io.millio.bench.siege;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * Many connections that follow one script, on one thread. They go to the loopback address only, and end with
 * {@link #run}. From 15,000 connections on it takes further addresses of 127.0.0.0/8 as source, which Linux has.
 */
final class AttackPeers {
    private static final int OPENINGS_PER_PASS = 64;
    private static final int WRITES_PER_EVENT = 4;
    private static final int CONNECTIONS_PER_SOURCE = 15_000;
    private static final int SMALL_RECEIVE_BUFFER = 4 << 10;
    private static final int SELECT_MILLIS = 10;

    private final Script script;
    private final InetSocketAddress victim;
    private final int connections;
    private final ByteBuffer discarded = ByteBuffer.allocateDirect(64 << 10);
    private int live;
    private int tried;
    private int opened;
    private int refused;
    private int ended;
    private long sentBytes;

    /** What one connection has sent of its script, and received of the answer. */
    private static final class Peer {
        long sent;
        long received;
    }

    /**
     * What an attack has done.
     *
     * @param opened connections that the victim's system has accepted
     * @param refused those that failed to open
     * @param ended those that the victim has ended, as far as that was noticed
     * @param sources source addresses used
     */
    record Tally(int opened, int refused, int ended, int sources, long sentBytes) {}

    AttackPeers(Script script, int port, int connections) {
        this.script = script;
        this.victim = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.connections = connections;
    }

    /**
     * Attacks until a time of {@link System#nanoTime}. An attack that holds its connections goes on until all are open,
     * so that each victim has as many.
     *
     * @param lastNanos the time at which it ends at the latest
     */
    Tally run(long deadlineNanos, long lastNanos) throws IOException {
        try (Selector selector = Selector.open()) {
            try {
                while (System.nanoTime() - (isComplete() ? deadlineNanos : lastNanos) < 0) {
                    boolean more = openMore(selector);
                    if (more) {
                        selector.selectNow(this::ready);
                    } else {
                        selector.select(this::ready, SELECT_MILLIS);
                    }
                }
            } finally {
                for (SelectionKey key : selector.keys()) {
                    key.channel().close();
                }
            }
        }
        return new Tally(opened, refused, ended, sources(), sentBytes);
    }

    private boolean isComplete() {
        return script.then() != Script.Then.HOLD || opened >= connections;
    }

    private int sources() {
        return 1 + Math.max(0, tried - 1) / CONNECTIONS_PER_SOURCE;
    }

    /** Returns whether more are to be opened at once. */
    private boolean openMore(Selector selector) {
        for (int i = 0; i < OPENINGS_PER_PASS; i++) {
            if (live >= connections || tried >= script.maxConnections()) {
                return false;
            }
            tried++;
            try {
                open(selector);
            } catch (IOException e) {
                refused++;
                return false; // of ports or descriptors there are none now: not again at once
            }
        }
        return true;
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by the end of run
    private void open(Selector selector) throws IOException {
        SocketChannel channel = SocketChannel.open();
        boolean registered = false;
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (!script.reads()) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_RECEIVE_BUFFER);
            }
            if (script.then() == Script.Then.RESET) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            if (sources() > 1) {
                channel.bind(new InetSocketAddress("127.0.0." + sources(), 0));
            }
            boolean connected = channel.connect(victim);
            channel.register(selector, connected ? SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT, new Peer());
            registered = true;
            live++;
            if (connected) {
                opened++;
            }
        } finally {
            if (!registered) {
                channel.close();
            }
        }
    }

    private void ready(SelectionKey key) {
        boolean connecting = key.isValid() && key.isConnectable();
        try {
            SocketChannel channel = (SocketChannel) key.channel();
            if (connecting) {
                channel.finishConnect();
                opened++;
                key.interestOps(SelectionKey.OP_WRITE);
            } else if (key.isReadable()) {
                read(key, channel);
            } else if (key.isWritable()) {
                write(key, channel);
            }
        } catch (IOException e) {
            if (connecting) {
                refused++;
            } else {
                ended++;
            }
            close(key);
        }
    }

    private void read(SelectionKey key, SocketChannel channel) throws IOException {
        int count = channel.read(discarded.clear());
        if (count < 0) {
            ended++;
            close(key);
        } else if (count > 0 && script.then() == Script.Then.REOPEN) {
            close(key);
        } else if (script.then() == Script.Then.REPEAT) {
            Peer peer = (Peer) key.attachment();
            peer.received += count;
            if (peer.received >= script.answerBytes()) {
                peer.received = 0;
                peer.sent = 0;
                key.interestOps(SelectionKey.OP_WRITE);
            }
        }
    }

    private void write(SelectionKey key, SocketChannel channel) throws IOException {
        Peer peer = (Peer) key.attachment();
        for (int i = 0; i < WRITES_PER_EVENT && peer.sent < script.length(); i++) {
            ByteBuffer next = script.after(peer.sent);
            int count = channel.write(next);
            peer.sent += count;
            sentBytes += count;
            if (next.hasRemaining()) {
                break;
            }
        }
        if (peer.sent < script.length()) {
            key.interestOps(script.reads() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_WRITE);
        } else if (script.then() == Script.Then.RESET) {
            close(key);
        } else {
            key.interestOps(script.reads() ? SelectionKey.OP_READ : 0);
        }
    }

    private void close(SelectionKey key) {
        live--;
        try {
            key.channel().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
