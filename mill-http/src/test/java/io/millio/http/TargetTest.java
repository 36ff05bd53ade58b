package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request is about: the forms of its target. */
class TargetTest extends HttpCase {
    private Raw client() throws IOException {
        return connect(serve((request, response) -> {
            boolean isPath = request.isPath(request.path());
            response.send(
                    request.path() + " " + request.query() + " " + request.header("host") + (isPath ? "" : " differs"));
        }));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET /                       | / null x
            GET /a/b?c=/d?e             | /a/b c=/d?e x
            GET //a                     | //a null x
            GET /?                      | /  x
            GET http://y                | / null y
            GET http://y:81/            | / null y:81
            GET http://y?q              | / q y
            GET http://y?               | /  y
            GET http://y?/q             | / /q y
            GET HTTPS://[::1]:81/a/b?c  | /a/b c [::1]:81
            GET http://y/http://z/      | /http://z/ null y
            OPTIONS *                   | * null x
            OPTIONS /                   | / null x
            """)
    void isTakenApart(String line, String seen) throws IOException {
        Raw client = client();
        for (int i = 0; i < 2; i++) {
            client.send(line + " HTTP/1.1\nHost: x\n\n");
            assertThat(client.answer()).endsWith("\n\n" + seen);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET a/b/c", "GET *", "POST *", "GET x:80", "GET http:/y", "GET http://y z", "GET ?q"})
    void thatIsOfNoFormIsMalformed(String line) throws IOException {
        Raw client = client();
        client.send(line + " HTTP/1.1\nHost: x\n\nGET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 400 ").contains("\nConnection: close\n");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void thereIsNoTunnel() throws IOException {
        Raw client = client();
        client.send("CONNECT y:443 HTTP/1.1\nHost: y:443\n\nGET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 501 ").contains("\nConnection: close\n");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
    }
}
