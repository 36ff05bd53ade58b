package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.testkit.ScriptedPeer;
import io.millio.testkit.Seeds;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.time.Duration;

/** The examples of docs/guide/http.md: handlers are tested without sockets and in simulated time. */
class HandlersInSimulationTest {
    private static final String GET = " HTTP/1.1\r\nHost: example\r\nConnection: close\r\n\r\n";

    private static HttpHandler users() {
        return Router.builder()
                .get(
                        "/users/{id}",
                        (request, response) -> response.contentType("application/json")
                                .send("{\"id\":" + request.parameter("id") + "}"))
                .get("/slow", (request, response) -> response.later())
                .build();
    }

    private static ScriptedPeer client(SimNetwork network) throws IOException {
        SimHost host = network.host("server");
        HttpServer.builder()
                .address(host.address(80))
                .loop(host.loop())
                .options(HttpOptions.DEFAULT.withResponseTimeout(Duration.ofMinutes(5)))
                .handler(users())
                .start();
        return network.host("client").connect(host.address(80));
    }

    @Seeds(10)
    void aUserIsSentAsJson(SimNetwork network) throws IOException {
        String answer = client(network).send("GET /users/7" + GET).receiveToEnd();
        assertThat(answer)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("application/json")
                .endsWith("\r\n\r\n{\"id\":7}");
    }

    @Seeds(10)
    void anAnswerThatNeverComesIsA503AfterFiveMinutes(SimNetwork network) throws IOException {
        network.allowErrors(); // the timeout is reported
        ScriptedPeer client = client(network).send("GET /slow" + GET);
        client.expectNothing(Duration.ofMinutes(4));
        assertThat(client.receiveToEnd()).startsWith("HTTP/1.1 503 Service Unavailable\r\n");
    }

    @Seeds(10)
    void aClientThatGivesUpEndsItsRequest(SimNetwork network) throws IOException {
        client(network).send("GET /slow" + GET).reset();
        network.runUntil("the server has noticed", () -> network.trace().contains("reset arrives"));
        network.host("client")
                .connect(network.host("server").address(80))
                .send("GET /users/8" + GET)
                .receiveUntil("}");
    }
}
