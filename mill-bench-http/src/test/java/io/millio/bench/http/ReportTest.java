package io.millio.bench.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.bench.http.gate.Gate;
import io.millio.bench.http.load.Profile;
import io.millio.bench.http.server.Server;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    private final Results results = new Results();

    private void add(Server server, double... cpuNanos) {
        for (int i = 0; i < cpuNanos.length; i++) {
            results.add(new Sample(server, Profile.THOUSAND, i + 1, cpuNanos[i], 5_000, 2_000_000));
        }
    }

    private String line(Server server) {
        return new TextReport(results)
                .text()
                .lines()
                .filter(line -> line.startsWith(server.label() + " "))
                .findFirst()
                .orElseThrow()
                .replaceAll(" +", " ");
    }

    @Test
    void ratiosAreMediansOfTheRoundsToTheLimitAndToTheBestPeer() {
        add(Server.LIMIT, 1_000, 2_000, 4_000);
        add(Server.MILL_NIO, 2_000, 2_000, 12_000); // 2, 1 and 3 times the limit
        add(Server.JETTY, 4_000, 4_000, 4_000);
        add(Server.VERTX, 9_000, 9_000, 9_000);
        assertThat(line(Server.MILL_NIO)).startsWith("mill-nio 2.00 2.00 0.50 2,000 5,000");
        assertThat(line(Server.VERTX)).startsWith("vertx 9.00 4.50 2.25");
        assertThat(line(Server.LIMIT)).startsWith("limit 2.00 1.00 0.50");
    }

    @Test
    void whatIsNotKnownHasNoNumber() {
        add(Server.MILL_EPOLL, 2_000);
        assertThat(line(Server.MILL_EPOLL)).isEqualTo("mill-epoll 2.00 - - 2,000 5,000 - n/a");
    }

    @Test
    void theGateAndTheHeapStandBesideTheFigures() {
        add(Server.MILL_EPOLL, 2_000);
        add(Server.JETTY, 2_000);
        results.checked(Server.MILL_EPOLL, List.of());
        results.checked(
                Server.JETTY,
                List.of(
                        new Gate.Failure("GET", "whole: <b>"),
                        new Gate.Failure("GET", "x"),
                        new Gate.Failure("query", "y")));
        results.weighed(Server.MILL_EPOLL, 123);
        assertThat(line(Server.MILL_EPOLL)).endsWith(" passed 123");
        assertThat(line(Server.JETTY)).endsWith(" failed 1 3 n/a");
        assertThat(new TextReport(results).text()).contains("jetty: GET: whole: <b>");
        assertThat(new HtmlReport(results).text())
                .contains("failed 1 3", "jetty: GET: whole: &lt;b&gt;")
                .doesNotContain("<b>", "<script", "//", "NaN");
        assertThat(new CsvReport(results).text().split("\r\n"))
                .hasSize(3)
                .contains("thousand,jetty,1,2000.0,5000.0,2000000,failed 1 3,n/a");
    }

    @Test
    void aServerThatFailsInARoundHasNoFigures() {
        add(Server.MILL_EPOLL, 2_000);
        add(Server.JETTY, 1_000);
        results.failed(Server.JETTY, Profile.THOUSAND, "closed by the server");
        assertThat(results.rows(Profile.THOUSAND)).hasSize(1);
        assertThat(line(Server.MILL_EPOLL)).startsWith("mill-epoll 2.00 - - ");
        assertThat(new TextReport(results).text()).contains("jetty failed: closed by the server");
    }
}
