package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are kept compressed beside others. */
@SuppressWarnings("NullAway.Init")
class PrecompressedFilesTest extends HttpCase {
    private static final FileTime TIME = FileTime.fromMillis(1_700_000_000_000L);

    @TempDir
    Path dir;

    private Path root;
    private Raw client;

    @BeforeEach
    void makeFiles() throws IOException {
        root = Files.createDirectories(dir.resolve("root"));
        write("style.css", "plain of css");
        write("style.css.gz", "gzip");
        write("style.css.br", "br");
        write("index.html", "plain of html");
        write("index.html.gz", "gzip of html");
        write("only.js", "plain of js");
        write("gone.txt.gz", "gzip of nothing");
        client = connect(serve(FileHandler.of(root).withPrecompressed()));
    }

    private Path write(String name, String content) throws IOException {
        Path file = Files.writeString(root.resolve(name), content);
        return Files.setLastModifiedTime(file, TIME);
    }

    private String get(String path, String fields) throws IOException {
        client.send("GET " + path + " HTTP/1.1\nHost: x\n" + fields + "\n");
        return client.answer();
    }

    private static String etag(String answer) {
        int at = answer.indexOf("\nETag: ") + 7;
        return answer.substring(at, answer.indexOf('\n', at));
    }

    @Test
    void theCompressedFileIsSentWithTheTypeOfTheOther() throws IOException {
        assertThat(get("/style.css", "Accept-Encoding: gzip\n"))
                .startsWith("HTTP/1.1 200 ")
                .contains(
                        "\nContent-Encoding: gzip\n",
                        "\nContent-Type: text/css; charset=utf-8\n",
                        "\nVary: Accept-Encoding\n",
                        "\nContent-Length: 4\n")
                .endsWith("\n\ngzip");
        assertThat(get("/style.css", "Accept-Encoding: gzip, br\n"))
                .contains("\nContent-Encoding: br\n", "\nContent-Type: text/css; charset=utf-8\n")
                .endsWith("\n\nbr");
        assertThat(get("/style.css", "Accept-Encoding: br;q=0.1\nAccept-Encoding: gzip;q=0.2\n"))
                .endsWith("\n\ngzip");
        assertThat(get("/", "Accept-Encoding: br, gzip\n"))
                .contains("\nContent-Encoding: gzip\n", "\nContent-Type: text/html; charset=utf-8\n")
                .endsWith("\n\ngzip of html");
    }

    @Test
    void aClientThatDoesNotAcceptItGetsTheFileAsItIs() throws IOException {
        for (String fields : new String[] {"", "Accept-Encoding: deflate\n", "Accept-Encoding: gzip;q=0, br;q=0\n"}) {
            assertThat(get("/style.css", fields))
                    .as(fields)
                    .contains("\nVary: Accept-Encoding\n")
                    .doesNotContain("Content-Encoding")
                    .endsWith("\n\nplain of css");
        }
        assertThat(get("/only.js", "Accept-Encoding: gzip, br\n"))
                .doesNotContain("Content-Encoding")
                .endsWith("\n\nplain of js");
    }

    @Test
    void eachFormHasAnEtagOfItsOwn() throws IOException {
        String plain = etag(get("/style.css", ""));
        String gzip = etag(get("/style.css", "Accept-Encoding: gzip\n"));
        String brotli = etag(get("/style.css", "Accept-Encoding: br\n"));
        assertThat(gzip).endsWith("-gzip\"").isNotEqualTo(plain);
        assertThat(brotli).endsWith("-br\"");
        assertThat(get("/style.css", "Accept-Encoding: gzip\nIf-None-Match: " + gzip + "\n"))
                .startsWith("HTTP/1.1 304 ")
                .contains("\nVary: Accept-Encoding\n", "\nETag: " + gzip + "\n");
        assertThat(get("/style.css", "Accept-Encoding: gzip\nIf-None-Match: " + plain + "\n"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(get("/style.css", "If-None-Match: " + plain + "\n")).startsWith("HTTP/1.1 304 ");
    }

    @Test
    void aRangeIsOneOfTheCompressedFile() throws IOException {
        assertThat(get("/style.css", "Accept-Encoding: gzip\nRange: bytes=1-2\n"))
                .startsWith("HTTP/1.1 206 ")
                .contains("\nContent-Range: bytes 1-2/4\n", "\nContent-Encoding: gzip\n")
                .endsWith("\n\nzi");
        assertThat(get("/style.css", "Accept-Encoding: gzip\nRange: bytes=4-\n"))
                .startsWith("HTTP/1.1 416 ")
                .doesNotContain("Content-Encoding");
    }

    @Test
    void aCompressedFileThatIsOlderIsNotSent() throws IOException {
        Files.setLastModifiedTime(root.resolve("style.css.gz"), FileTime.fromMillis(TIME.toMillis() - 1));
        assertThat(get("/style.css", "Accept-Encoding: gzip\n"))
                .doesNotContain("Content-Encoding")
                .endsWith("\n\nplain of css");
        assertThat(get("/style.css", "Accept-Encoding: gzip, br;q=0.1\n")).endsWith("\n\nbr");
    }

    @Test
    void whatIsNotAFileBelowTheDirectoryIsNotSentInThePlaceOfAnother() throws IOException {
        Path secret = Files.writeString(dir.resolve("secret"), "secret");
        Files.setLastModifiedTime(secret, FileTime.fromMillis(TIME.toMillis() + 1));
        Files.createSymbolicLink(root.resolve("only.js.gz"), secret);
        Files.createDirectories(root.resolve("only.js.br"));
        assertThat(get("/only.js", "Accept-Encoding: gzip, br\n")).endsWith("\n\nplain of js");
        Files.writeString(root.resolve("only.js.br/index.html"), "index");
        Files.setLastModifiedTime(root.resolve("only.js"), FileTime.fromMillis(0));
        assertThat(get("/only.js", "Accept-Encoding: br\n")).endsWith("\n\nplain of js");
        assertThat(get("/gone.txt", "Accept-Encoding: gzip\n")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void aLinkToACompressedFileOfAnyNameIsSent() throws IOException {
        Path blob = write("blob", "gzip of js");
        Files.createSymbolicLink(root.resolve("only.js.gz"), blob);
        assertThat(get("/only.js", "Accept-Encoding: gzip\n"))
                .contains("\nContent-Type: text/javascript; charset=utf-8\n", "\nContent-Encoding: gzip\n")
                .endsWith("\n\ngzip of js");
    }

    @Test
    void aCompressedFileThatIsAskedForByItsNameIsAFileOfThatType() throws IOException {
        assertThat(get("/style.css.gz", "Accept-Encoding: gzip\n"))
                .contains("\nContent-Type: application/gzip\n")
                .doesNotContain("Content-Encoding")
                .endsWith("\n\ngzip");
    }

    @Test
    void headHasTheFieldsOfGet() throws IOException {
        client.send("HEAD /style.css HTTP/1.1\nHost: x\nAccept-Encoding: gzip\n\n");
        assertThat(client.head()).contains("\nContent-Encoding: gzip\n", "\nContent-Length: 4\n");
    }

    @Test
    void withoutTheOptionNothingIsNegotiated() throws IOException {
        client = connect(serve(FileHandler.of(root)));
        assertThat(get("/style.css", "Accept-Encoding: gzip, br\n"))
                .doesNotContain("Content-Encoding", "Vary")
                .endsWith("\n\nplain of css");
    }

    @Test
    void itGoesWithTheOtherOptions() throws IOException {
        write(".hidden", "plain of a dot");
        write(".hidden.gz", "gzip of a dot");
        FileHandler files = FileHandler.of(root).withPrecompressed();
        client = connect(serve(Router.builder()
                .get("/named/{path...}", files.namedBy("path"))
                .get("/dots/{path...}", files.withDotFiles().namedBy("path"))
                .build()));
        assertThat(get("/named/style.css", "Accept-Encoding: gzip\n")).endsWith("\n\ngzip");
        assertThat(get("/named/.hidden", "Accept-Encoding: gzip\n")).startsWith("HTTP/1.1 404 ");
        assertThat(get("/dots/.hidden", "Accept-Encoding: gzip\n")).endsWith("\n\ngzip of a dot");
    }

    @Test
    void anotherVaryStays() throws IOException {
        FileHandler files = FileHandler.of(root).withDotFiles().withPrecompressed();
        client = connect(serve((request, response) -> {
            response.header("Vary", "Origin");
            files.handle(request, response);
        }));
        assertThat(get("/style.css", "Accept-Encoding: gzip\n"))
                .contains("\nVary: Origin\n", "\nVary: Accept-Encoding\n");
    }
}
