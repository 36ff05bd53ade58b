package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class RouterTest extends HttpCase {
    private static HttpHandler says(String text) {
        return (request, response) ->
                response.send(text + " " + request.parameter("id") + " " + request.parameter("rest"));
    }

    private Raw client() throws IOException {
        return connect(serve(Router.builder()
                .get("/", says("root"))
                .get("/users/me", says("me"))
                .get("/users/{id}", says("user"))
                .put("/users/{id}", says("put"))
                .get("/users/{id}/posts", says("posts"))
                .get("/users/me/{id}/x", says("deep"))
                .get("/files/{rest...}", says("files"))
                .build()));
    }

    private static String get(Raw client, String what) throws IOException {
        client.send(what + " HTTP/1.1\nHost: x\n\n");
        return client.answer();
    }

    @Test
    void textGoesBeforeAParameterAndThatBeforeTheRest() throws IOException {
        Raw client = client();
        assertThat(get(client, "GET /?q")).endsWith("root null null");
        assertThat(get(client, "GET /users/me")).endsWith("me null null");
        assertThat(get(client, "GET /users/you")).endsWith("user you null");
        assertThat(get(client, "PUT /users/a%20b?c")).endsWith("put a b null");
        assertThat(get(client, "GET /users/me/posts")).endsWith("posts me null");
        assertThat(get(client, "GET /users/me/7/x")).endsWith("deep 7 null");
        assertThat(get(client, "GET /files/")).endsWith("files null ");
        assertThat(get(client, "GET /files/a/b")).endsWith("files null a/b");
        assertThat(get(client, "GET http://y")).endsWith("root null null");
        assertThat(get(client, "GET http://y?q/a")).endsWith("root null null");
        assertThat(get(client, "GET http://y/users/you")).endsWith("user you null");
    }

    @Test
    void whatHasNoRouteIsNotFoundAndWhatHasOthersIsNotAllowed() throws IOException {
        Raw client = client();
        for (String path : new String[] {"/users", "/users/", "/users/1/", "/x", "//", "/files"}) {
            assertThat(get(client, "GET " + path)).as(path).startsWith("HTTP/1.1 404 ");
        }
        assertThat(get(client, "OPTIONS *")).startsWith("HTTP/1.1 404 ");
        assertThat(get(client, "POST /users/1"))
                .startsWith("HTTP/1.1 405 ")
                .contains("\nAllow: GET, PUT, HEAD, OPTIONS\n");
        assertThat(get(client, "OPTIONS /users/1"))
                .startsWith("HTTP/1.1 204 ")
                .contains("\nAllow: GET, PUT, HEAD, OPTIONS\n");
    }

    @Test
    void whatHasNoRouteMayBeAnsweredByAnotherHandler() throws IOException {
        Raw client = connect(serve(Router.builder()
                .get("/a", says("a"))
                .otherwise((request, response) -> response.status(410).send("gone"))
                .build()));
        assertThat(get(client, "GET /a")).endsWith("a null null");
        assertThat(get(client, "GET /b")).startsWith("HTTP/1.1 410 ").endsWith("gone");
        assertThat(get(client, "OPTIONS *")).startsWith("HTTP/1.1 410 ");
        assertThat(get(client, "PUT /a")).startsWith("HTTP/1.1 405 ");
    }

    @Test
    void aRequestHasTheRouteThatWasMatched() throws IOException {
        HttpHandler says = (request, response) -> response.send("route " + request.route());
        Router inner = Router.builder().get("/b/{id}", says).otherwise(says).build();
        Router nested = Router.builder().get("/n/{id}", says).build();
        Raw client = connect(serve(Router.builder()
                .get("/plain", says)
                .mount("/a", inner)
                .get("/n/{rest...}", nested)
                .otherwise(says)
                .build()));
        assertThat(get(client, "GET /plain?q")).endsWith("route /plain");
        assertThat(get(client, "GET /a/b/7")).endsWith("route /a/b/{id}");
        assertThat(get(client, "GET /n/7")).endsWith("route /n/{id}");
        assertThat(get(client, "GET /none")).endsWith("route null");
    }

    @Test
    void theMethodIsPartOfTheSearch() throws IOException {
        Raw client = client();
        assertThat(get(client, "PUT /users/me")).endsWith("put me null");
        assertThat(get(client, "DELETE /users/me")).startsWith("HTTP/1.1 405 ").contains("Allow: GET, PUT, HEAD");
        client = connect(serve(Router.builder()
                .get("/a/{rest...}", says("get"))
                .put("/{rest...}", says("put"))
                .build()));
        assertThat(get(client, "PUT /a/b")).endsWith("put null a/b");
        assertThat(get(client, "GET /a/b")).endsWith("get null b");
    }

    @Test
    void aRouterIsMountedBelowAPrefix() throws IOException {
        Router inner = Router.builder()
                .get("/", says("root"))
                .get("/{rest...}", says("rest"))
                .build();
        Raw client = connect(serve(Router.builder()
                .get("/v/{id}/own", says("own"))
                .mount("/v/{id}", inner)
                .build()));
        assertThat(get(client, "GET /v/1/own")).endsWith("own 1 null");
        assertThat(get(client, "GET /v/1/")).endsWith("root 1 null");
        assertThat(get(client, "GET /v/1/a/b")).endsWith("rest 1 a/b");
        assertThat(get(client, "GET /v")).startsWith("HTTP/1.1 404 ");
        for (String prefix : new String[] {"", "/", "a", "/a/"}) {
            assertThatThrownBy(() -> Router.builder().mount(prefix, inner))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("prefix: " + prefix + ",");
        }
    }

    @Test
    void headIsAnsweredByGet() throws IOException {
        Raw client = client();
        client.send("HEAD /users/me HTTP/1.1\nHost: x\n\n");
        assertThat(client.head()).contains("Content-Length: 12\n");
        assertThat(get(client, "GET /users/me")).endsWith("me null null");
    }

    @Test
    void malformedAndRepeatedRoutesAreRefused() {
        for (String path :
                new String[] {"a", "/{}", "/{a}/{a}", "/{a...}/b", "/:a", "/*", "/a/**", "/x{a}", "/{a}.html"}) {
            assertThatThrownBy(() -> Router.builder().get(path, says("")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(path);
        }
        assertThatThrownBy(() -> Router.builder().get("/a", says("")).get("/a", says("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("GET /a");
    }
}
