package io.millio.faults.scenario;

import io.millio.Event;
import io.millio.EventLoopBuilder;
import io.millio.Registration;
import io.millio.transport.Interest;
import io.millio.transport.SocketSettings;
import io.millio.transport.Token;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Sources that are registered, changed and deregistered on several threads, under tokens that are used again. */
class RegisterScenario extends SimScenario {
    private static final int ROUNDS = 4;

    private final boolean direct;

    RegisterScenario(boolean direct) {
        this.direct = direct;
    }

    /** With handlers in the turn. */
    static final class Direct extends RegisterScenario {
        Direct() {
            super(true);
        }
    }

    /** With handlers on workers. */
    static final class Workers extends RegisterScenario {
        Workers() {
            super(false);
        }
    }

    private static final class Ignore extends CountedHandler {
        Ignore(SimScenario scenario) {
            super(scenario);
        }

        @Override
        public void handle(Event event) {
            event.registration().setInterest(Interest.READABLE);
        }
    }

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return direct ? builder.direct() : builder;
    }

    @Override
    void act() throws Throwable {
        Executor other = server.executor(2);
        for (int i = 0; i < ROUNDS; i++) {
            int port = 100 + 10 * i;
            int number = i;
            Token token = calmly(() -> Token.of(number));
            round(port, token);
            elsewhere(other, port + 1);
            elsewhere(loop, port + 2);
            runFor(2);
            round(port + 3, token);
        }
    }

    private void elsewhere(Executor executor, int port) throws Throwable {
        attempt(() -> executor.execute(() -> {
            try {
                round(port, calmly(() -> Token.of(port)));
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }));
    }

    /** A fault in the loop may have ended the registration. */
    private static void unlessEnded(Registration registration, Action action) throws Throwable {
        try {
            action.run();
        } catch (IllegalStateException e) {
            if (calmly(registration::isActive)) {
                throw e;
            }
        }
    }

    private void round(int port, Token token) throws Throwable {
        UdpSocket socket = calmly(() -> server.openUdp(server.address(port), SocketSettings.NONE));
        Ignore handler = new Ignore(this);
        List<Registration> made = new ArrayList<>();
        if (!attempt(() -> made.add(loop.register(socket, token, Interest.READABLE_WRITABLE, handler)))) {
            calmly(() -> checkUnchanged(socket, token));
            socket.close();
            return;
        }
        registered(handler);
        Registration registration = made.get(0);
        attempt(() -> unlessEnded(registration, () -> registration.setInterest(Interest.READABLE)));
        if (port % 2 == 0) {
            attempt(registration::close);
        } else if (!attempt(() -> unlessEnded(registration, registration::deregister))
                && calmly(registration::isActive)) {
            attempt(() -> unlessEnded(registration, registration::deregister));
        }
        socket.close();
    }

    /** A call that failed has left nothing: the token and the source can be registered again. */
    private boolean checkUnchanged(UdpSocket socket, Token token) throws IOException {
        expect(socket.isOpen(), "the source of a registration that failed was closed");
        Ignore second = new Ignore(this);
        try {
            Registration again = loop.register(socket, token, Interest.READABLE, second);
            registered(second);
            again.close();
        } catch (RejectedExecutionException e) {
            expect(loop.isClosed(), "refused");
        }
        return true;
    }
}
