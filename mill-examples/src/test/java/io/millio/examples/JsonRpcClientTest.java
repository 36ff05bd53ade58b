package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.examples.cli.Console;
import io.millio.examples.jsonrpc.Framing;
import io.millio.net.TcpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The example's client. */
class JsonRpcClientTest extends JsonRpcCase {
    @ParameterizedTest
    @EnumSource(Framing.class)
    void theClientPrintsAResultOrAnError(Framing framing) throws Exception {
        try (TcpServer server = serve(framing, 64)) {
            String at = "127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort();
            String by = "--framing=" + framing;
            assertThat(run("jsonrpc-client", at, "subtract", "[42, 23]", by)).isEqualTo("0 19\n");
            assertThat(run("jsonrpc-client", at, "echo", "{\"a\": [1, null]}", by))
                    .isEqualTo("0 {\"a\":[1,null]}\n");
            assertThat(run("jsonrpc-client", at, "echo", by)).isEqualTo("0 null\n");
            assertThat(run("jsonrpc-client", at, "echo", "[1]", "--notify", by)).isEqualTo("0 ");
            assertThat(run("jsonrpc-client", at, "nothing", by))
                    .isEqualTo("1 jsonrpc-client: -32601 Method not found\n");
            assertThat(run("jsonrpc-client", at, "add", "[1]", by))
                    .startsWith("1 jsonrpc-client: -32602 Invalid params: they must be augend, addend");
            assertThat(run("jsonrpc-client", at, "echo", "[1", by)).startsWith("2 params: [1, must be JSON");
            assertThat(run("jsonrpc-client", at, "echo", "12", by)).startsWith("2 params: 12, must be an array");
        }
        assertThat(run("jsonrpc-client", "127.0.0.1", "echo")).startsWith("2 127.0.0.1 is not HOST:PORT");
    }

    private static String run(String... args) {
        StringWriter said = new StringWriter();
        Console console = new Console(new PrintWriter(said), new PrintWriter(said));
        return Main.run(console, args) + " " + said;
    }
}
