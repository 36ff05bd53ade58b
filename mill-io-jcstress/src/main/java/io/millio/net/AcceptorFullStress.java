package io.millio.net;

import io.millio.transport.Interest;
import java.io.IOException;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * An acceptor that finds its server full against the last connection that goes, on another loop: it accepts, or is
 * resumed. In each case it listens in the end.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The connection had gone before.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Resumed.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It does not listen any more.")
@State
@SuppressWarnings("NullAway") // the group of the acceptor, and the loops, are not used
public class AcceptorFullStress {
    private static final SetupOptions NONE = SetupOptions.NONE;
    private static final TcpServerBuilder SETTINGS =
            TcpServer.builder().maxConnections(1).handler((connection, bytes) -> {});

    private final TcpServer server =
            new TcpServer(SETTINGS, accepted -> (connection, bytes) -> {}, NONE, List.of(), null);
    private final IdleListener listener = new IdleListener();
    private final Acceptor acceptor = new Acceptor(server, listener, null);

    public AcceptorFullStress() {
        if (!server.quota.tryTake()) {
            throw new AssertionError();
        }
    }

    @Actor
    public void accept() {
        try {
            acceptor.handle(listener);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Actor
    public void leave() {
        server.quota.giveBack(null);
    }

    @Arbiter
    public void look(II_Result r) {
        r.r1 = listener.accepts;
        r.r2 = listener.interest() == Interest.READABLE ? 1 : 0;
    }
}
