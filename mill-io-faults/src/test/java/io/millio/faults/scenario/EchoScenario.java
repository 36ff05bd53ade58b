package io.millio.faults.scenario;

import io.millio.Event;
import io.millio.EventLoopBuilder;
import io.millio.faults.FaultPoint;
import io.millio.testkit.SimHost;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;

/** Two clients whose bytes come back, and a third one after the fault: at most one of the first two is harmed. */
class EchoScenario extends SimScenario {
    private final boolean direct;

    EchoScenario(boolean direct) {
        this.direct = direct;
    }

    /** With handlers in the turn. */
    static final class Direct extends EchoScenario {
        Direct() {
            super(true);
        }
    }

    /** With handlers on workers. */
    static final class Workers extends EchoScenario {
        Workers() {
            super(false);
        }
    }

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return direct ? builder.direct() : builder;
    }

    /** How long the clients may wait for their bytes. */
    int patienceMillis() {
        return 40;
    }

    /** Accepts, whatever happens to one connection. */
    private final class Acceptor extends CountedHandler {
        Acceptor() {
            super(EchoScenario.this);
        }

        @Override
        public void handle(Event event) throws IOException {
            TcpListener from = (TcpListener) event.registration().source();
            for (TcpStream peer; (peer = from.accept()) != null; ) {
                TcpStream stream = peer;
                try {
                    if (!attempt(() -> serve(stream))) {
                        stream.close();
                    }
                } catch (RejectedExecutionException e) {
                    stream.close(); // the loop is closing
                } catch (Throwable t) {
                    throw new AssertionError(t);
                }
            }
        }
    }

    private void serve(TcpStream stream) throws IOException {
        EchoHandler handler = new EchoHandler(this, stream);
        loop.register(stream, Interest.READABLE, handler);
        registered(handler);
    }

    @Override
    void act() throws Throwable {
        FaultPoint.pause();
        TcpListener opened = loop.openListener(server.address(7));
        FaultPoint.resume();
        Acceptor acceptor = new Acceptor();
        if (!attempt(() -> {
            loop.register(opened, Interest.READABLE, acceptor);
            registered(acceptor);
        })) {
            opened.close();
            return;
        }
        SimHost clients = network.host("clients");
        Peer first = new Peer(network, clients, server.address(7), 130);
        Peer second = new Peer(network, clients, server.address(7), 300);
        runFor(patienceMillis());
        first.close();
        runFor(20);
        FaultPoint.pause();
        if (loop.isClosed()) {
            first.close();
            second.close();
            FaultPoint.resume();
            return; // which is allowed for some faults, and checked in the end
        }
        int struck = FaultPoint.thrown();
        expect(first.isExact() && second.isExact(), "other bytes came back");
        int harmed = (first.isDone() ? 0 : 1) + (second.isDone() ? 0 : 1);
        boolean deaf = isClosed(acceptor);
        expect(harmed <= (deaf ? 2 * struck : struck), "harmed: " + first + " and " + second);
        expect(harmed == 0 || isReported(), "the failure was not reported");
        expect(first.isDone() || first.isEnded() || deaf, "stalled: " + first);
        expect(second.isDone() || second.isEnded() || deaf, "stalled: " + second);
        Peer third = new Peer(network, clients, server.address(7), 100);
        runFor(30);
        expect(third.isDone() && third.isExact(), (deaf ? "the listener was closed: " : "") + third);
        FaultPoint.resume();
        third.close();
        second.close();
        runFor(10);
    }
}
