package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.examples.jsonrpc.Framing;
import io.millio.net.TcpServer;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages over TCP: framing, what is broken or too long, a client that does not read. */
class JsonRpcMessageTest extends JsonRpcCase {
    @Test
    void callsByLinesAreAnsweredByLinesInOrder() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            int calls = 5_000;
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < calls; i++) {
                        send(client, call("add", "[" + i + ",1]", i) + (i % 2 == 0 ? "\n" : "\r\n"));
                    }
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            String all = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            sent.get();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                expected.add(result("" + (i + 1), i));
            }
            assertThat(all.lines().toList()).isEqualTo(expected);
            assertThat(all).endsWith("\n");
        }
    }

    @Test
    void callsByLengthAreAnsweredByLength() throws Exception {
        try (TcpServer server = serve(Framing.LENGTH, 64);
                Socket client = connect(server)) {
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            DataInputStream in = new DataInputStream(client.getInputStream());
            for (String text : List.of("x", "y\n".repeat(10).replace("\n", "\\n"), "z".repeat(90_000))) {
                byte[] message =
                        ("\n" + call("echo", "[\n\"" + text + "\"]", 1) + "\n").getBytes(StandardCharsets.UTF_8);
                out.writeInt(message.length);
                out.write(message);
                assertThat(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8))
                        .isEqualTo(result("[\"" + text + "\"]", 1));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Framing.class)
    void aMessageThatIsTooLongIsAnsweredAndEndsTheConnection(Framing framing) throws Exception {
        try (TcpServer server = serve(framing, 64);
                Socket client = connect(server)) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    OutputStream out = client.getOutputStream();
                    byte[] part = new byte[64 * 1024];
                    Arrays.fill(part, (byte) 'x');
                    out.write(new byte[] {0x40, 0, 0, 0}); // as a length, 1 GiB
                    for (int i = 0; i < 200; i++) {
                        out.write(part);
                    }
                    client.shutdownOutput();
                } catch (IOException e) {
                    // closed meanwhile
                }
            });
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .contains("\"code\":-32600")
                    .contains("at most " + MAX_MESSAGE + " are allowed")
                    .endsWith("\"id\":null}" + (framing == Framing.LINE ? "\n" : ""));
            sending.get();
        }
    }

    @Test
    void brokenInputIsAnsweredAndTheConnectionGoesOn() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            for (String broken :
                    List.of("{\"a\":", "\u00c3", "[".repeat(10_000), "[" + "1,".repeat(40_000) + "1]", "[]", "12")) {
                client.getOutputStream().write((broken + "\n").getBytes(StandardCharsets.ISO_8859_1));
                assertThat(line(client)).contains("\"error\":{\"code\":-32");
            }
            send(client, call("add", "[1,2]", 3) + "\n");
            assertThat(line(client)).isEqualTo(result("3", 3));
        }
    }

    @Test
    void aClientThatDoesNotReadIsNotReadFrom() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            String text = "\"" + "x".repeat(50_000) + "\"";
            int calls = 1_000;
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < calls; i++) {
                        send(client, call("echo", "[" + text + "]", i) + "\n");
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            for (int i = 0; i < calls; i++) {
                assertThat(in.readLine()).isEqualTo(result("[" + text + "]", i));
            }
            sent.get();
        }
    }

    @Test
    void aLastMessageWithoutALineEndIsAnsweredAndEmptyLinesAreIgnored() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            send(client, "\n\r\n" + call("add", "[1,2]", 1) + "\n\n" + call("add", "[3,4]", 2));
            client.shutdownOutput();
            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(result("3", 1) + "\n" + result("7", 2) + "\n");
        }
    }
}
