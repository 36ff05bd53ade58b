package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init")
class FileHandlerTest extends HttpCase {
    @TempDir
    Path dir;

    private Raw client;

    @BeforeEach
    void makeFiles() throws IOException {
        Path root = Files.createDirectories(dir.resolve("root/sub dir"));
        Path file = dir.resolve("root/a.txt");
        Files.writeString(file, "0123456789");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L));
        Files.writeString(root.resolve("index.html"), "<p>index");
        if (File.separatorChar == '/') {
            Files.writeString(dir.resolve("root/back\\slash"), "of that name");
        }
        Files.writeString(dir.resolve("secret"), "secret");
        Files.createDirectories(dir.resolve("root-2"));
        Files.writeString(dir.resolve("root-2/secret"), "secret");
        Files.createSymbolicLink(dir.resolve("root/out"), dir.resolve("secret"));
        Files.createSymbolicLink(dir.resolve("root/up"), dir);
        Files.createSymbolicLink(dir.resolve("root/in"), file);
        Files.createSymbolicLink(dir.resolve("root/loop"), dir.resolve("root/loop"));
        client = connect(serve(FileHandler.of(dir.resolve("root"))));
    }

    private String get(String path, String fields) throws IOException {
        client.send("GET " + path + " HTTP/1.1\nHost: x\n" + fields + "\n");
        return client.answer();
    }

    @Test
    void aFileIsServedWithWhatIsKnownOfIt() throws IOException {
        assertThat(get("/a.txt", "")).isEqualTo("""
                HTTP/1.1 200 OK
                ETag: %s
                Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT
                Accept-Ranges: bytes
                X-Content-Type-Options: nosniff
                Content-Type: text/plain; charset=utf-8
                Content-Length: 10

                0123456789""".formatted(etag()));
        assertThat(get("/in?x", "")).endsWith("0123456789");
        assertThat(get("/sub%20dir/", ""))
                .contains("Content-Type: text/html; charset=utf-8\n")
                .endsWith("<p>index");
    }

    private String etag() throws IOException {
        Path file = dir.resolve("root/a.txt");
        return FileState.of(file, Files.readAttributes(file, BasicFileAttributes.class))
                .etag();
    }

    @Test
    void aDirectoryWithAnIndexIsRedirectedToItsSlash() throws IOException {
        assertThat(get("/sub%20dir?q=%2F", "")).startsWith("HTTP/1.1 301 ").contains("\nLocation: /sub%20dir/?q=%2F\n");
        Files.createDirectory(dir.resolve("root/bare"));
        assertThat(get("/bare", "")).startsWith("HTTP/1.1 404 ");
        assertThat(get("/bare/", "")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void aReplacedFileHasAnotherEtagThoughSizeAndTimeAreTheSame() throws IOException {
        String before = etag();
        Path file = dir.resolve("root/a.txt");
        Path other = Files.writeString(dir.resolve("root/other"), "abcdefghij");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(etag()).isNotEqualTo(before);
        assertThat(get("/a.txt", "If-None-Match: " + before + "\n")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aFileThatIsNamedLikeAnExtensionHasNoKnownType() throws IOException {
        Files.writeString(dir.resolve("root/html"), "?");
        assertThat(get("/html", "")).contains("\nContent-Type: application/octet-stream\n");
    }

    @Test
    void namesThatBeginWithADotAreServedOnlyOnRequest() throws IOException {
        Files.createDirectories(dir.resolve("root/.well-known"));
        Files.writeString(dir.resolve("root/.well-known/x"), "x");
        Files.writeString(dir.resolve("root/.env"), "e");
        for (String path : new String[] {"/.env", "/%2eenv", "/.well-known/x"}) {
            assertThat(get(path, "")).as(path).startsWith("HTTP/1.1 404 ");
        }
        client = connect(serve(FileHandler.of(dir.resolve("root")).withDotFiles()));
        assertThat(get("/.well-known/x", "")).endsWith("\n\nx");
        assertThat(get("/.env", "")).endsWith("\n\ne");
        assertThat(get("/%2e%2e/secret", "")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void aMalformedEscapeIsABadRequest() throws IOException {
        assertThat(get("/a%zz.txt", "")).startsWith("HTTP/1.1 400 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/none",
                "/",
                "/../secret",
                "/%2e%2e/secret",
                "/.%2E/secret",
                "/sub%20dir/../../secret",
                "/..%2fsecret",
                "/..%5csecret",
                "/..\\secret",
                "/%2e/a.txt",
                "//a.txt",
                "/a.txt%00",
                "/a.txt%00.html",
                "/a.txt/",
                "/a.txt/b",
                "/out",
                "/up/secret",
                "/up/root/../secret",
                "/loop",
                "/%ff",
                "/%c0%ae%c0%ae/secret",
                "/../root-2/secret",
                "/up/root-2/secret",
                "/sub%20dir%2findex.html",
                "/back%5cslash",
                "/back\\slash",
                "/%2fetc%2fpasswd",
                "//etc/passwd",
                "http://x/../secret"
            })
    void thereIsNoWayOut(String path) throws IOException {
        assertThat(get(path, "")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void aNameThatIsTooLongIsNotFound() throws IOException {
        assertThat(get("/" + "a".repeat(5_000), "")).startsWith("HTTP/1.1 404 ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bytes=0-3   | 206 | bytes 0-3/10 | 0123
            bytes=8-    | 206 | bytes 8-9/10 | 89
            bytes=8-99  | 206 | bytes 8-9/10 | 89
            bytes=-3    | 206 | bytes 7-9/10 | 789
            bytes=-99   | 206 | bytes 0-9/10 | 0123456789
            BYTES=9-9   | 206 | bytes 9-9/10 | 9
            bytes=10-   | 416 | bytes */10   | 416 Range Not Satisfiable
            bytes=-0    | 416 | bytes */10   | 416 Range Not Satisfiable
            bytes=5-4   | 200 | ''           | 0123456789
            bytes=a-    | 200 | ''           | 0123456789
            bytes=+1-2  | 200 | ''           | 0123456789
            bytes=-     | 200 | ''           | 0123456789
            bytes=1-2,4-5 | 200 | ''         | 0123456789
            lines=1-2   | 200 | ''           | 0123456789
            """)
    void aRangeIsServed(String range, int status, String contentRange, String body) throws IOException {
        String answer = get("/a.txt", "Range: " + range + "\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(answer.strip()).endsWith("\n\n" + body);
        if (contentRange.isEmpty()) {
            assertThat(answer).doesNotContain("Content-Range");
        } else {
            assertThat(answer).contains("\nContent-Range: " + contentRange + "\n");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            If-None-Match: "ETAG"                     | 304
            If-None-Match: "x", W/"ETAG"              | 304
            If-None-Match: *                                   | 304
            If-None-Match: "x,y"                               | 200
            If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT   | 304
            If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT   | 200
            If-Modified-Since: yesterday                       | 200
            If-Match: "ETAG"                          | 200
            If-Match: W/"ETAG"                        | 412
            If-Match: "x"                                      | 412
            If-Unmodified-Since: Tue, 14 Nov 2023 22:13:20 GMT | 200
            If-Unmodified-Since: Tue, 14 Nov 2023 22:13:19 GMT | 412
            If-None-Match: no-tag                              | 200
            If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT   | 304
            If-None-Match: "x"~If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT             | 200
            If-None-Match: "ETAG"~If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT | 304
            If-Match: "ETAG"~If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT    | 200
            If-Match: "x"~If-None-Match: "ETAG"                                    | 412
            """)
    void preconditionsAreKept(String field, int status) throws IOException {
        String fields = field.replace("\"ETAG\"", etag()).replace("~", "\n");
        assertThat(get("/a.txt", fields + "\n")).startsWith("HTTP/1.1 " + status + " ");
    }

    @Test
    void aRangeOfAnotherVersionIsNotServed() throws IOException {
        assertThat(get("/a.txt", "Range: bytes=0-0\nIf-Range: " + etag() + "\n"))
                .startsWith("HTTP/1.1 206 ");
        assertThat(get("/a.txt", "Range: bytes=0-0\nIf-Range: \"x\"\n")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void otherMethodsAreNotAllowedAndHeadHasNoBody() throws IOException {
        client.send("HEAD /a.txt HTTP/1.1\nHost: x\n\n");
        assertThat(client.head()).contains("Content-Length: 10\n");
        client.send("POST /a.txt HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 405 ").contains("Allow: GET, HEAD\n");
    }

    @Test
    void aLargeFileArrivesWhole() throws IOException {
        byte[] large = new byte[5_000_000];
        new Random(1).nextBytes(large);
        Files.write(dir.resolve("root/large"), large);
        client.send("GET /large HTTP/1.1\nHost: x\n\nGET /a.txt HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).endsWith("\n\n" + new String(large, StandardCharsets.ISO_8859_1));
        assertThat(client.answer()).endsWith("0123456789");
    }

    /** What becomes of a file between the look at it and its opening. */
    enum Change {
        REPLACED,
        REPLACED_BY_A_LINK,
        WRITTEN,
        DELETED;

        void make(Path file) throws IOException {
            Path other = file.resolveSibling("other");
            Files.writeString(other, "abcdefghij");
            switch (this) {
                case REPLACED -> Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
                case REPLACED_BY_A_LINK -> {
                    Files.delete(file);
                    Files.createSymbolicLink(file, other);
                }
                case WRITTEN -> Files.writeString(file, "abcdefghij");
                case DELETED -> Files.delete(file);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatHasChangedSinceTheLookIsNotSentForTheOneBefore(Change change) throws Exception {
        expectErrors();
        FileHandler files = FileHandler.of(dir.resolve("root"));
        Path file = dir.resolve("root/a.txt").toRealPath();
        Raw other = connect(serve((request, response) -> {
            FileState found = files.look(file);
            if (request.isPath("/changed")) {
                change.make(file);
            }
            FileHandler.answer(request, response, found, null);
        }));
        other.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(other.answer()).endsWith("0123456789");
        other.send("GET /changed HTTP/1.1\nHost: x\n\n");
        assertThat(other.restOrReset()).doesNotContain("abc", "0123");
        until("it is reported", () -> !errors.isEmpty());
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error.toString()).contains("a.txt"));
    }
}
