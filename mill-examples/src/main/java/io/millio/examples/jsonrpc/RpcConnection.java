package io.millio.examples.jsonrpc;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.WriteRefusedException;
import io.millio.net.WriteResult;
import io.millio.net.frame.FrameException;
import io.millio.net.frame.FrameHandler;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a service. Messages are answered in the order of their ends: a slow call holds up no other. While
 * too many are under way, or the peer does not take its answers, nothing is read from it.
 */
final class RpcConnection implements ConnectionHandler, FrameHandler, Answers, Offload {
    private final RpcConnections of;
    private @Nullable Connection connection;
    private @Nullable Dispatcher dispatcher;
    private @Nullable Set<Pending> pending;
    private @Nullable Lane lane; // made for the first slow call
    private boolean congested;
    private boolean noMore;

    RpcConnection(RpcConnections of) {
        this.of = of;
    }

    @Override
    public void onOpen(Connection opened) {
        connection = opened;
        dispatcher = of.dispatchers.of(opened.loop());
    }

    @Override
    public void onData(Connection from, ByteBuffer bytes) throws Exception {
        try {
            of.decoder.decode(from, bytes, this);
        } catch (FrameException e) {
            refuse(from, e);
        }
    }

    /** Where the next message begins is not known: so this is the last answer. */
    private void refuse(Connection from, FrameException why) {
        if (dispatcher != null) {
            dispatcher.refuse(String.valueOf(why.getMessage()), this);
        }
        from.close();
    }

    @Override
    public void onFrame(Connection from, ByteBuffer message) {
        boolean emptyLine = of.framing == Framing.LINE && !message.hasRemaining();
        if (dispatcher == null || emptyLine) {
            return;
        }
        Pending begun = dispatcher.accept(message, this, this);
        if (begun != null) {
            if (pending == null) {
                pending = new HashSet<>();
            }
            pending.add(begun);
            if (!hasRoom()) {
                from.pauseReading();
            }
        }
    }

    @Override
    public CompletableFuture<byte[]> compute(
            Callable<byte[]> task, BiConsumer<? super byte @Nullable [], ? super @Nullable Throwable> callback) {
        Connection with = Objects.requireNonNull(connection);
        if (lane == null) {
            lane = new Lane(of.dispatchers.offload(with.loop()), of.maxInFlight, () -> goOn(with));
        }
        return lane.compute(task, callback);
    }

    private boolean hasRoom() {
        return lane == null || lane.underWay() < of.maxInFlight;
    }

    @Override
    public void answer(ByteBuffer answer, @Nullable Pending done) {
        Connection to = connection;
        if (to == null) {
            return;
        }
        if (answer.hasRemaining()) {
            write(to, answer);
        }
        if (done != null && pending != null && pending.remove(done)) {
            if (noMore && pending.isEmpty()) {
                to.close();
            }
        }
    }

    private void write(Connection to, ByteBuffer answer) {
        try {
            if (of.framing.write(to, answer) == WriteResult.PAUSE) {
                congested = true;
                to.pauseReading();
            }
        } catch (WriteRefusedException e) {
            to.abort(); // answers pile up that it does not read
        }
    }

    private void goOn(Connection with) {
        if (!congested && !noMore && hasRoom() && with.isReadingPaused()) {
            with.resumeReading();
        }
    }

    @Override
    public void onWritable(Connection to) {
        congested = false;
        goOn(to);
    }

    @Override
    public void onInputClosed(Connection from, ByteBuffer rest) throws Exception {
        try {
            of.decoder.decodeLast(from, rest, this); // a last message without a line end is answered, too
        } catch (FrameException e) {
            refuse(from, e);
        }
        finish(from);
    }

    @Override
    public void onDrain(Connection with) {
        with.pauseReading();
        finish(with);
    }

    /** What is under way is answered yet. */
    private void finish(Connection with) {
        noMore = true;
        if (pending == null || pending.isEmpty()) {
            with.close();
        }
    }

    @Override
    public void onClose(Connection closed, CloseCause cause, @Nullable Throwable failure) {
        noMore = true;
        if (lane != null) {
            lane.close();
        }
        if (pending != null) {
            Set.copyOf(pending).forEach(Pending::cancel);
        }
    }
}
