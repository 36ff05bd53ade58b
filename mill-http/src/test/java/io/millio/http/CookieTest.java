package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cookies and redirects. */
class CookieTest extends HttpCase {
    private static final Cookie PLAIN = Cookie.of("a", "1");

    @Test
    void aCookieHasItsAttributesInOrder() {
        assertThat(PLAIN).hasToString("a=1; Path=/; HttpOnly; SameSite=Lax");
        assertThat(PLAIN.withPath(null).withHttpOnly(false).withSameSite(null)).hasToString("a=1");
        assertThat(Cookie.of("__Host-id", "x=y")
                        .withPath("/a b")
                        .withDomain("Example-1.org")
                        .withMaxAge(Duration.ofMillis(61_900))
                        .withSameSite(Cookie.SameSite.NONE))
                .hasToString("__Host-id=x=y; Path=/a b; Domain=Example-1.org; Max-Age=61; Secure; HttpOnly;"
                        + " SameSite=None");
        assertThat(PLAIN.withSecure(true).withMaxAge(Duration.ZERO).withSameSite(Cookie.SameSite.STRICT))
                .hasToString("a=1; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a=b", "a;b", "a,b", "ä", "a\n"})
    void aNameIsAToken(String name) {
        assertThatThrownBy(() -> Cookie.of(name, "")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "a;b", "a,b", "\"a\"", "a\\b", "a\r\nb", "\u007f", "ä", "ł"})
    void aValueHasNoCharacterThatEndsIt(String value) {
        assertThatThrownBy(() -> Cookie.of("a", value)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "/a;b", "/a\nb", "/ä"})
    void aPathBeginsWithASlash(String path) {
        assertThatThrownBy(() -> PLAIN.withPath(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".example.org", "a b", "a;b", "a/b"})
    void aDomainIsTheNameOfAHost(String domain) {
        assertThatThrownBy(() -> PLAIN.withDomain(domain)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anAgeIsNotNegativeAndNoneIsSecure() {
        assertThatThrownBy(() -> PLAIN.withMaxAge(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PLAIN.withSameSite(Cookie.SameSite.NONE).withSecure(false))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void cookiesComeAndGo() throws Exception {
        Raw client = connect(serve((request, response) -> response.setCookie(PLAIN)
                .setCookie(Cookie.of("b", "2"))
                .send(request.cookies() + " " + request.cookie("b") + " " + request.cookie("c"))));
        client.send("GET / HTTP/1.1\nHost: x\nCookie: a=1; b=x=y;a=3; d; =e\nCookie: f=\"g h\"\n\n");
        assertThat(client.answer())
                .contains("Set-Cookie: a=1; Path=/; HttpOnly; SameSite=Lax\nSet-Cookie: b=2;")
                .endsWith("{a=1, b=x=y, f=\"g h\"} x=y null");
    }

    @Test
    void aRedirectHasALocation() throws Exception {
        Raw client = connect(serve((request, response) -> {
            if (request.isPath("/a")) {
                response.redirect("/b?c");
                return;
            }
            for (int status : List.of(200, 300, 304, 400)) {
                assertThatThrownBy(() -> response.redirect(status, "/")).isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> response.redirect("/\r\nX: y")).isInstanceOf(IllegalArgumentException.class);
            assertThat(response.isStarted()).isFalse();
            response.redirect(308, "http://other/");
        }));
        client.send("GET /a HTTP/1.1\nHost: x\n\nGET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).isEqualTo("""
                        HTTP/1.1 302 Found
                        Location: /b?c
                        Content-Length: 0

                        """);
        assertThat(client.answer()).startsWith("HTTP/1.1 308 ").contains("Location: http://other/\n");
    }
}
