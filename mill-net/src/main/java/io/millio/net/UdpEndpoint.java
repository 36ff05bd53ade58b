package io.millio.net;

import io.millio.Event;
import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.TurnHandler;
import io.millio.internal.RunSubject;
import io.millio.net.account.LoopAccount;
import io.millio.net.account.MemoryHolder;
import io.millio.net.memory.MemoryBudget;
import io.millio.net.wire.DatagramQueue;
import io.millio.net.wire.DatagramReceiver;
import io.millio.net.wire.DatagramSender;
import io.millio.transport.Interest;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A datagram socket on a loop: receives and sends several datagrams by one call to the system where the transport can
 * (epoll), so many a turn that others have theirs. Unless a method says otherwise it is for any thread.
 *
 * <p>What callbacks send is gathered, and leaves when the callbacks of the event have returned. What the system does
 * not take waits in a queue of a bounded size; a datagram beyond it is refused. Datagrams get lost on the way too: one
 * that can't be sent or received, as after an ICMP message, is counted and reported to {@link DatagramHandler#onError},
 * and harms no other. A callback that throws is counted and reported to the loop's error handler; the endpoint goes on.
 */
public final class UdpEndpoint implements AutoCloseable {
    /** What has become of a datagram that is to be sent. */
    public enum SendResult {
        /** It was taken: it is sent, or waits. */
        TAKEN,
        /** It was refused, as too much waits: {@link DatagramHandler#onWritable} is called when there is room. */
        FULL,
        /** It was refused, as the endpoint is closed. */
        CLOSED
    }

    private final NetLoop net;
    private final MemoryGuard memory;
    private final UdpSocket socket;
    private final DatagramHandler handler;
    private final Events events = new Events();
    private final Runnable flush = RunSubject.task(this, this::flush);
    private final Runnable deliverHeld = RunSubject.task(this, this::deliverHeld);

    private final DatagramSender sender;
    final DatagramReceiver receiver;

    // Guarded by the sender; paused may be read without.
    private boolean flushQueued;
    private volatile boolean paused;

    // The turn's; registration before the endpoint is given out, too.
    private @Nullable Registration registration;
    private @Nullable Throwable failure;
    private boolean inEvent; // what is gathered is sent at its end

    private final AtomicLong failed = new AtomicLong();

    private UdpEndpoint(
            NetLoop net, MemoryGuard memory, UdpSocket socket, UdpOptions options, DatagramHandler handler) {
        this.net = net;
        this.memory = memory;
        this.socket = socket;
        this.handler = handler;
        this.sender = new DatagramSender(
                socket,
                net.datagrams(),
                new DatagramQueue(options.maxQueuedDatagrams(), options.maxQueuedBytes(), events),
                this::setInterest);
        this.receiver = new DatagramReceiver(socket, net.datagrams(), events, events);
    }

    /** Opens an endpoint on a loop, with {@link UdpOptions#DEFAULT}; port 0 takes a free port. */
    public static UdpEndpoint open(EventLoop loop, SocketAddress local, DatagramHandler handler) throws IOException {
        return open(loop, local, UdpOptions.DEFAULT, handler);
    }

    /**
     * Opens an endpoint on a loop.
     *
     * @throws java.net.BindException if the address is in use or not of this machine
     * @throws RejectedExecutionException if the loop is closed or shutting down
     */
    public static UdpEndpoint open(EventLoop loop, SocketAddress local, UdpOptions options, DatagramHandler handler)
            throws IOException {
        Objects.requireNonNull(handler, "handler");
        NetLoop net = NetLoop.of(loop);
        MemoryGuard memory =
                net.memory(Objects.requireNonNullElseGet(options.memoryBudget(), () -> MemoryBudget.of(loop)));
        UdpSocket socket = null;
        boolean registered = false;
        memory.join();
        try {
            socket = loop.openUdp(local, options.settings());
            UdpEndpoint endpoint = new UdpEndpoint(net, memory, socket, options, handler);
            endpoint.registration = loop.register(socket, Interest.READABLE, endpoint.events);
            registered = true;
            return endpoint;
        } finally {
            if (!registered) {
                try {
                    memory.leave();
                } finally {
                    if (socket != null) {
                        socket.close();
                    }
                }
            }
        }
    }

    // ---- sending

    /**
     * Sends a datagram; the bytes have been taken or copied when this returns. Those of one thread leave in the order
     * of its calls. A refused one is as it was.
     *
     * @throws IllegalArgumentException if the address is unresolved
     */
    public SendResult send(ByteBuffer bytes, SocketAddress to) {
        Objects.requireNonNull(to, "to");
        if (to instanceof InetSocketAddress inet && inet.isUnresolved()) {
            throw new IllegalArgumentException("to: unresolved: " + to);
        }
        DatagramSender.Result result = sender.send(bytes, to, net.loop.inLoop());
        if (result == DatagramSender.Result.GATHERED) {
            sendSoon();
        }
        return switch (result) {
            case GATHERED -> SendResult.TAKEN;
            case QUEUED -> flushLater() ? SendResult.TAKEN : SendResult.CLOSED;
            case FULL -> SendResult.FULL;
            case CLOSED -> SendResult.CLOSED;
        };
    }

    /** Has what is gathered sent, and failures reported, when the callbacks have returned. Loop thread only. */
    private void sendSoon() {
        if (inEvent || !sender.hasWork()) {
            return;
        }
        boolean queued = false;
        try {
            queued = executeFlush();
        } finally {
            if (!queued) {
                sender.sendGathered();
            }
        }
    }

    /**
     * Has the loop send what is queued, unless it is about to; false: the loop is closed, which ends what is queued.
     */
    private boolean flushLater() {
        return !sender.canSend() || executeFlush();
    }

    private boolean executeFlush() {
        synchronized (sender) {
            if (flushQueued) {
                return true;
            }
            flushQueued = true;
        }
        boolean queued = false;
        try {
            net.loop.execute(flush);
            queued = true;
        } catch (RejectedExecutionException e) {
            // The end of the loop is reported, which drops what is queued.
        } finally {
            if (!queued) {
                synchronized (sender) {
                    flushQueued = false; // else no later call would queue it
                }
            }
        }
        return queued;
    }

    /** Guarded by the sender, so that the last to change it is the last to say so. */
    private void setInterest() {
        Registration known = registration;
        if (known != null) {
            known.setInterest(
                    paused
                            ? (sender.isBlocked() ? Interest.WRITABLE : Interest.NONE)
                            : (sender.isBlocked() ? Interest.READABLE_WRITABLE : Interest.READABLE));
        }
    }

    private void flush() {
        synchronized (sender) {
            flushQueued = false;
        }
        inEvent = true;
        try {
            sender.sendAll();
        } finally {
            endEvent();
        }
    }

    private void deliverHeld() {
        inEvent = true;
        try {
            receiver.deliverHeld();
        } finally {
            endEvent();
        }
    }

    /** The callbacks of an event or task have returned. */
    private void endEvent() {
        try {
            sender.sendGathered();
            reportFailures();
            reportWritable();
            sender.sendGathered(); // what these two have sent
            memory.act();
        } finally {
            inEvent = false;
            sendSoon();
            boolean unused = flushLater();
        }
    }

    private void reportFailures() {
        for (DatagramSender.Failure each; (each = sender.pollFailure()) != null; ) {
            reportError(each.to, each.why);
        }
    }

    private void reportError(@Nullable SocketAddress peer, Throwable why) {
        try {
            handler.onError(this, peer, why);
        } catch (Throwable t) {
            callbackFailed(t);
        }
    }

    private void reportWritable() {
        if (sender.takesAgain()) {
            try {
                handler.onWritable(this);
            } catch (Throwable t) {
                callbackFailed(t);
            }
        }
    }

    private void callbackFailed(Throwable t) {
        failed.incrementAndGet();
        net.report(this, t);
    }

    // ---- receiving

    /**
     * Pauses receiving: no datagram is delivered until {@link #resumeReceiving}, and the system drops what finds no
     * room in its buffer. Called in another thread than the loop's, callbacks in progress or about to begin may finish.
     */
    public void pauseReceiving() {
        setPaused(true);
    }

    /** Delivers datagrams again. */
    public void resumeReceiving() {
        setPaused(false);
        if (receiver.holdsSome()) {
            try {
                net.loop.execute(deliverHeld);
            } catch (RejectedExecutionException e) {
                // The end of the loop is reported, which drops them.
            }
        }
    }

    private void setPaused(boolean on) {
        synchronized (sender) {
            boolean before = paused;
            boolean done = false;
            paused = on;
            try {
                setInterest();
                done = true;
            } finally {
                if (!done) {
                    paused = before;
                }
            }
        }
    }

    /** Whether receiving is paused. */
    public boolean isReceivingPaused() {
        return paused;
    }

    /** Closes; what is queued is dropped, what callbacks have sent leaves. A second call does nothing. */
    @Override
    public void close() {
        try {
            if (net.loop.inLoop()) {
                sender.sendGathered();
            }
        } finally {
            sender.close();
            Registration known = registration;
            if (known != null) {
                known.close();
            }
        }
    }

    /** The socket, to connect it, join groups and set options. */
    public UdpSocket socket() {
        return socket;
    }

    /** Where it listens: the port that was given for a port 0. */
    public SocketAddress localAddress() {
        return socket.localAddress();
    }

    /** The loop whose turn the callbacks run in. */
    public EventLoop loop() {
        return net.loop;
    }

    /** How many datagrams wait to be sent. */
    public int queuedDatagrams() {
        return sender.queuedDatagrams();
    }

    /** How many bytes wait to be sent. */
    public long queuedBytes() {
        return sender.queuedBytes();
    }

    /** How many datagrams the system refused to send, or could not be received. */
    public long lost() {
        return sender.lost.get();
    }

    /** How often a callback has thrown. */
    public long failed() {
        return failed.get();
    }

    @Override
    public String toString() {
        return "endpoint on " + socket;
    }

    /** What the loop calls, and what counts the datagrams that wait. */
    private final class Events extends MemoryHolder implements TurnHandler, DatagramReceiver.Target, RunSubject {
        @Override
        public LoopAccount account() {
            return memory;
        }

        @Override
        protected void heldWhileFull(long bytes) {} // its queues have limits

        @Override
        protected void chargeChanged() {}

        @Override
        public Object runSubject() {
            return UdpEndpoint.this;
        }

        @Override
        public void handle(Event event) {
            registration = event.registration();
            inEvent = true;
            try {
                if (event.isWritable()) {
                    sender.writable();
                }
                receiver.receive();
            } catch (OutOfMemoryError | StackOverflowError t) { // it goes on: what waits is sent later
                callbackFailed(t);
            } finally {
                endEvent();
            }
        }

        @Override
        public boolean isReceiving() {
            Registration known = registration;
            return !paused && known != null && known.isActive();
        }

        @Override
        public boolean isPaused() {
            return paused;
        }

        @Override
        public void received(ByteBuffer bytes, SocketAddress from) {
            try {
                handler.onDatagram(UdpEndpoint.this, bytes, from);
            } catch (Throwable t) {
                callbackFailed(t);
            }
        }

        @Override
        public void failed(@Nullable SocketAddress from, Throwable why, boolean endless) {
            sender.lost.incrementAndGet();
            if (endless) {
                failure = why;
                close();
            } else {
                reportError(from, why);
            }
        }

        @Override
        public void onClose(Registration unused, @Nullable Throwable cause) throws Exception {
            try {
                sender.release();
            } finally {
                try {
                    receiver.release();
                } finally {
                    try {
                        memory.leave();
                    } finally {
                        handler.onClose(UdpEndpoint.this, failure != null ? failure : cause);
                    }
                }
            }
        }
    }
}
