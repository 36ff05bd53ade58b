package io.millio.examples;

import io.millio.net.TcpServer;
import io.millio.testkit.ScriptedPeer;
import io.millio.testkit.Seeds;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.time.Duration;

/** The Redis example over a simulated network, as a user would test a server: commands and replies come in pieces. */
class RedisSimulationTest {
    private SimHost start(SimNetwork network) throws IOException {
        network.links()
                .latency(Duration.ofMillis(1), Duration.ofMillis(20))
                .shortReads(0.3)
                .shortWrites(0.3);
        SimHost server = network.host("server");
        RedisServer redis = new RedisServer(RedisServer.syntax().parse());
        TcpServer.builder()
                .address(server.address(6379))
                .loops(server.group(2))
                .handler(redis)
                .start();
        return server;
    }

    @Seeds(50)
    void repliesComeInTheOrderOfTheCommands(SimNetwork network) throws IOException {
        ScriptedPeer client = network.host("client").connect(start(network).address(6379));
        client.send("SET a 1\r\nINCR a\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\nNONSENSE\r\nPING\r\n");
        client.expect("+OK\r\n:2\r\n$1\r\n2\r\n-ERR unknown command 'NONSENSE'\r\n+PONG\r\n");
    }

    @Seeds(50)
    void aKeyExpires(SimNetwork network) throws IOException {
        ScriptedPeer client = network.host("client").connect(start(network).address(6379));
        client.send("SET day v EX 86400\r\n").expect("+OK\r\n");
        network.runFor(Duration.ofHours(23));
        client.send("GET day\r\n").expect("$1\r\nv\r\n");
        network.runFor(Duration.ofHours(1));
        client.send("GET day\r\n").expect("$-1\r\n");
    }

    @Seeds(50)
    void clientsOnTwoLoopsLoseNoIncrement(SimNetwork network) throws IOException {
        SimHost server = start(network);
        ScriptedPeer one = network.host("one").connect(server.address(6379));
        ScriptedPeer two = network.host("two").connect(server.address(6379));
        one.send("INCR n\r\n".repeat(50) + "PING\r\n");
        two.send("INCR n\r\n".repeat(50) + "PING\r\n");
        one.receiveUntil("+PONG\r\n");
        two.receiveUntil("+PONG\r\n");
        one.send("GET n\r\n").expect("$3\r\n100\r\n");
    }

    @Seeds(50)
    void aClientThatIsResetAmidACommandHarmsNoOther(SimNetwork network) throws IOException {
        SimHost server = start(network);
        network.host("leaver")
                .connect(server.address(6379))
                .send("*3\r\n$3\r\nSET\r\n$1\r\na")
                .reset();
        network.host("client").connect(server.address(6379)).send("GET a\r\n").expect("$-1\r\n");
    }
}
