package io.millio.testkit;

import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * What other threads ask of a loop is never forgotten, wherever they meet it: nothing else happens here that would make
 * up for it, so that a lost wake-up is a test that never ends.
 */
class HandShakeTest {
    @Seeds(value = 400, twice = 10)
    void anInterestThatAnotherThreadSetsIsArmed(SimNetwork network) throws IOException {
        SimHost host = network.host("a");
        EventLoop loop = host.loop();
        try (TcpListener listener = host.openListener(host.address(0), 1);
                TcpStream peer = host.openStream(listener.localAddress())) {
            network.run();
            peer.finishConnect();
            peer.write(ByteBuffer.allocate(1));
            network.run();
            TcpStream stream = Objects.requireNonNull(listener.accept());
            int[] read = {0};
            Registration registration =
                    loop.register(stream, Interest.NONE, event -> read[0] += stream.read(ByteBuffer.allocate(8)));
            Executor elsewhere = host.executor(1);
            for (int i = network.draw(4); i > 0; i--) {
                elsewhere.execute(() -> registration.setInterest(Interest.NONE));
            }
            elsewhere.execute(() -> registration.setInterest(Interest.READABLE));
            network.runUntil("the byte is read", () -> read[0] == 1);
            registration.close();
        }
    }

    @Seeds(value = 400, twice = 10)
    void aTaskOfAnotherThreadRuns(SimNetwork network) {
        SimHost host = network.host("a");
        EventLoop loop = host.loop();
        int[] ran = {0};
        int threads = 1 + network.draw(3);
        for (int i = 0; i < threads; i++) {
            Executor elsewhere = host.executor(1);
            elsewhere.execute(() -> loop.execute(() -> ran[0]++));
            elsewhere.execute(() -> loop.execute(() -> ran[0]++));
        }
        network.runUntil("all tasks have run", () -> ran[0] == 2 * threads);
    }
}
