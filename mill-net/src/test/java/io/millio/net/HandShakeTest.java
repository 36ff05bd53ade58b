package io.millio.net;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.testkit.ScriptedPeer;
import io.millio.testkit.Seeds;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * What other threads ask of a connection is never forgotten, wherever they meet its loop: nothing else happens here
 * that would make up for it, neither traffic nor a time-out, so that a lost wake-up is a test that never ends.
 */
class HandShakeTest {
    @Seeds(value = 1_000, twice = 10)
    void whatOtherThreadsWriteLeaves(SimNetwork network) throws Exception {
        SimHost serverHost = network.host("server");
        SimHost clientHost = network.host("client");
        int[] received = {0};
        TcpServer server = TcpServer.builder()
                .address(serverHost.address(80))
                .loop(serverHost.loop(EventLoopBuilder::direct))
                .handler((connection, bytes) -> {
                    received[0] += bytes.remaining();
                    bytes.position(bytes.limit());
                })
                .start();
        EventLoop loop = network.draw(2) == 0 ? clientHost.loop() : clientHost.loop(EventLoopBuilder::direct);
        TcpClient client = TcpClient.builder().loop(loop).build();
        Connection[] opened = new Connection[1];
        CompletableFuture<?> unused = client.connect(serverHost.address(80), new ConnectionHandler() {
            @Override
            public void onOpen(Connection connection) {
                opened[0] = connection;
            }

            @Override
            public void onData(Connection connection, ByteBuffer bytes) {}
        });
        network.runUntil("the client is connected", () -> opened[0] != null);
        int threads = 1 + network.draw(3);
        int writes = 1 + network.draw(3);
        for (int i = 0; i < threads; i++) {
            Executor elsewhere = clientHost.executor(1);
            for (int j = 0; j < writes; j++) {
                elsewhere.execute(() -> opened[0].write(ByteBuffer.allocate(1)));
            }
        }
        network.runUntil("all bytes have arrived", () -> received[0] == threads * writes);
        opened[0].close();
        server.close();
        network.run();
    }

    @Seeds(value = 1_000, twice = 10)
    void readingThatAnotherThreadResumesGoesOnAndItsCloseEnds(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        Executor elsewhere = host.executor(1 + network.draw(2));
        int[] received = {0};
        EventLoop loop = network.draw(2) == 0 ? host.loop() : host.loop(EventLoopBuilder::direct);
        TcpServer server = TcpServer.builder()
                .address(host.address(80))
                .loop(loop)
                .handler((connection, bytes) -> {
                    bytes.get();
                    connection.pauseReading();
                    if (++received[0] == 3) {
                        elsewhere.execute(connection::close);
                    } else {
                        elsewhere.execute(connection::resumeReading);
                    }
                })
                .start();
        ScriptedPeer peer = network.host("client").connect(host.address(80));
        peer.send("abc");
        network.runUntil("all bytes are delivered", () -> received[0] == 3);
        peer.expectEnd().close();
        server.close();
        network.run();
    }
}
