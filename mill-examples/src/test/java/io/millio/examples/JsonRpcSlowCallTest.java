package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.examples.jsonrpc.Framing;
import io.millio.net.TcpServer;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Calls that take their time: how many run at once, and what becomes of them when the connection or the server goes.
 */
class JsonRpcSlowCallTest extends JsonRpcCase {
    @Test
    void slowCallsOverOneConnectionRunAtOnceAndHoldUpNoOther() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            send(client, call("wait", "[]", 1) + "\n" + call("wait", "[]", 2) + "\n" + call("add", "[1,2]", 3) + "\n");
            assertThat(line(client)).isEqualTo(result("3", 3));
            permits.release(2);
            assertThat(List.of(line(client), line(client)))
                    .containsExactlyInAnyOrder(result("\"waited\"", 1), result("\"waited\"", 2));
        }
    }

    @Test
    void whileTooManyCallsAreUnderWayNoMoreIsRead() throws Exception {
        int calls = 50;
        try (TcpServer server = serve(Framing.LINE, 3);
                Socket client = connect(server)) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < calls; i++) {
                all.append(call("wait", "[]", i)).append('\n');
            }
            send(client, all + call("add", "[1,2]", 99) + "\n");
            client.shutdownOutput();
            awaitSubmitted(3);
            // What was read has been looked at: the next turn finds no more than three of them under way.
            haveTwoTurns();
            assertThat(submitted()).isEqualTo(3);

            permits.release(calls);
            String answers = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answers.lines()).hasSize(calls + 1).contains(result("3", 99));
        }
    }

    @Test
    void noMoreCallsOfABatchRunAtOnceThanAreAllowedAndAllAreAnswered() throws Exception {
        int calls = 50;
        try (TcpServer server = serve(Framing.LINE, 1);
                Socket client = connect(server)) {
            send(client, batchOfWaits(calls) + "\n" + call("add", "[1,2]", 99) + "\n");
            letRunOneByOne(calls);
            String answer = line(client);
            for (int i = 0; i < calls; i++) {
                assertThat(answer).containsOnlyOnce(result("\"waited\"", i));
            }
            assertThat(line(client)).isEqualTo(result("3", 99));
            assertThat(mostAtOnce.get()).isEqualTo(1);
        }
    }

    @Test
    void waitingCallsOfAConnectionThatHasGoneAreNotBegun() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 1)) {
            try (Socket client = connect(server)) {
                send(client, batchOfWaits(10) + "\n");
                awaitBegun(1);
                client.setSoLinger(true, 0);
            }
            // Reading is paused, so only writing finds out; or the server closes it.
            CompletableFuture<Boolean> closed = server.close(Duration.ZERO);
            assertThat(closed.get()).isFalse();
            permits.release(10);
            awaitNoneRunning();
            haveTwoTurns();
            assertThat(begun.get()).isEqualTo(1);
        }
    }

    @Test
    void whatWaitsIsNotBegunInPlaceOfWhatIsCancelled() throws Exception {
        int threads = Runtime.getRuntime().availableProcessors();
        try (TcpServer server = serve(Framing.LINE, 1);
                Socket client = connect(server)) {
            List<Socket> others = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Socket other = connect(server);
                others.add(other);
                send(other, call("wait", "[]", i) + "\n");
            }
            awaitBegun(threads); // no thread is left
            send(client, batchOfWaits(10) + "\n");
            awaitSubmitted(threads + 1);
            assertThat(server.close(Duration.ZERO).get()).isFalse();
            assertThat(submitted()).isEqualTo(threads + 1);
            for (Socket other : others) {
                other.close();
            }
        }
    }

    @Test
    void whatIsUnderWayIsAnsweredWhenTheServerDrains() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            send(client, call("wait", "[]", 1) + "\n" + call("wait", "[]", 1) + "\n");
            awaitSubmitted(2);
            CompletableFuture<Boolean> drained = server.close(Duration.ofSeconds(30));
            for (int i = 0; i < 2; i++) {
                permits.release();
                assertThat(line(client)).isEqualTo(result("\"waited\"", 1));
            }
            assertThat(line(client)).isEqualTo("(end)");
            client.shutdownOutput(); // else the server waits for it
            assertThat(drained.get()).isTrue();
        }
    }

    @Test
    void callsOfAConnectionThatHasGoneAreNotBegun() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 1000)) {
            int threads = Runtime.getRuntime().availableProcessors();
            try (Socket client = connect(server)) {
                for (int i = 0; i < threads + 20; i++) {
                    send(client, call("wait", "[]", i) + "\n");
                }
                awaitBegun(threads);
                client.setSoLinger(true, 0);
            }
            while (server.connections() > 0) {
                Thread.onSpinWait();
            }
            permits.release(threads + 20);
            try (Socket other = connect(server)) {
                send(other, call("wait", "[]", 1) + "\n");
                permits.release();
                assertThat(line(other)).isEqualTo(result("\"waited\"", 1));
            }
            assertThat(begun.get()).isEqualTo(threads + 1);
        }
    }
}
