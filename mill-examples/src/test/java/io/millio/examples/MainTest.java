package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.examples.cli.Console;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(new Console(new PrintWriter(out), new PrintWriter(err)), args);
    }

    @Test
    void listsTheExamplesWithALineEach() {
        assertThat(run()).isZero();
        assertThat(out.toString()).containsPattern("(?m)^echo-server +\\S.*$");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void everyExampleIsListedByTheNameThatStartsIt() {
        assertThat(run()).isZero();
        assertThat(out.toString().lines().map(line -> line.split(" ", 2)[0])).containsExactlyElementsOf(Examples.NAMES);
        for (String name : Examples.NAMES) {
            assertThat(Examples.syntax(name).name()).isEqualTo(name);
        }
    }

    @Test
    void answersWrongOptionsWithUsageOnStandardErrorAndExit2() {
        for (String[] args : new String[][] {
            {"echo-server", "--no-such-option"},
            {"echo-server", "--por"},
            {"echo-server", "no-such-argument"},
            {"echo-server", "--port"},
            {"echo-server", "--port", "65536"},
            {"echo-server", "--port", "-1"},
            {"echo-server", "--port", "x"},
            {"echo-server", "--workers", "0"},
            {"echo-server", "--loops", "0"},
            {"echo-server", "--dispatch", "elsewhere"},
            {"echo-server", "--queues", "none"},
            {"net-echo-server", "--loops", "0"},
            {"net-echo-server", "--port", "65536"},
            {"net-echo-server", "--admin", "65536"},
            {"net-echo-client", "--port", "0"},
            {"pooled-client", "--port", "1", "--requests", "0"},
            {"tcp-proxy", "--to-port", "65536"},
            {"file-watcher", ".", "--quiet-millis", "0"},
            {"file-watcher", ".", "--glob", "["},
            {"unix-echo-server"},
        }) {
            err.getBuffer().setLength(0);
            assertThat(run(args)).as(String.join(" ", args)).isEqualTo(2);
            assertThat(err.toString()).contains("Usage:").contains(args.length > 1 ? args[args.length - 1] : "--path");
        }
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void answersAnUnknownExampleOnStandardErrorAndExit2() {
        assertThat(run("no-such-example")).isEqualTo(2);
        assertThat(err.toString()).contains("no-such-example");
    }

    @Test
    void everyExamplePrintsItsOptionsWithTheirDefaultsOnStandardOutput() {
        for (String name : Examples.NAMES) {
            out.getBuffer().setLength(0);
            assertThat(run(name, "--help")).as(name).isZero();
            assertThat(out.toString()).startsWith("Usage: run " + name + " ").contains("(default", "--help");
        }
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("Usage: run ", "EXAMPLE").contains(Examples.NAMES);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void everyServerHasAnAdminOption() {
        for (String name : Examples.NAMES) {
            boolean server = name.endsWith("-server") || name.endsWith("-proxy") || name.equals("service");
            out.getBuffer().setLength(0);
            assertThat(run(name, "--help")).isZero();
            assertThat(out.toString().contains("--admin=PORT")).as(name).isEqualTo(server);
        }
    }

    @Test
    void saysInOneLineThatAPortIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertThat(run("echo-server", "--port", port)).isEqualTo(1);
            assertThat(err.toString().lines())
                    .singleElement()
                    .asString()
                    .startsWith("echo-server: ")
                    .contains(port);
            for (String name : List.of("echo-server", "net-echo-server")) {
                assertThat(run(name, "--admin", port)).as(name).isEqualTo(1);
            }
            assertThat(err.toString().lines()).hasSize(3).allMatch(line -> line.contains(port));
        }
    }

    @Test
    void saysInOneLineThatATransportOrHostIsUnknown() {
        assertThat(run("echo-server", "--transport", "no-such")).isEqualTo(1);
        assertThat(run("echo-server", "--host", "host.invalid")).isEqualTo(1);
        assertThat(err.toString().lines()).hasSize(2);
    }
}
