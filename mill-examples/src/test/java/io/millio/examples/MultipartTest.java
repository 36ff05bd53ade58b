package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.http.HttpException;
import io.millio.http.HttpHandler;
import io.millio.http.HttpRequest;
import io.millio.http.HttpResponse;
import io.millio.http.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.fileupload2.core.MultipartInput;
import org.junit.jupiter.api.Test;

/** The form of docs/guide/http.md: files of a browser, read by Apache Commons FileUpload on a thread that may block. */
class MultipartTest {
    private static final Pattern BOUNDARY =
            Pattern.compile("multipart/form-data;.*boundary=\"?([^\";]+)\"?.*", Pattern.CASE_INSENSITIVE);

    private static void upload(HttpRequest request, HttpResponse response) throws Exception {
        String type = request.header("Content-Type");
        Matcher matcher = BOUNDARY.matcher(type == null ? "" : type);
        if (!matcher.matches()) {
            throw new HttpException(415, "multipart/form-data is expected");
        }
        MultipartInput form = MultipartInput.builder()
                .setInputStream(request.inputStream())
                .setBoundary(matcher.group(1).getBytes(StandardCharsets.ISO_8859_1))
                .get();
        StringBuilder parts = new StringBuilder();
        for (boolean more = form.skipPreamble(); more; more = form.readBoundary()) {
            String fields = form.readHeaders();
            ByteArrayOutputStream content = new ByteArrayOutputStream(); // or a file
            form.readBodyData(content);
            parts.append(fields.lines().findFirst().orElse(""))
                    .append(" -> ")
                    .append(content.size())
                    .append('\n');
        }
        response.send(parts.toString());
    }

    private static Socket connect(HttpServer server) throws IOException {
        InetSocketAddress at = (InetSocketAddress) server.localAddress();
        return new Socket(at.getAddress(), at.getPort());
    }

    @Test
    void theFilesOfAFormAreReadAsTheyCome() throws Exception {
        String file = "x".repeat(300_000);
        String body = "--AaB03x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nholiday\r\n"
                + "--AaB03x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n" + file
                + "\r\n--AaB03x--\r\n";
        ExecutorService threads = Executors.newCachedThreadPool();
        try (HttpServer server = HttpServer.builder()
                        .address("127.0.0.1", 0)
                        .handler(HttpHandler.on(threads, MultipartTest::upload))
                        .start();
                Socket client = connect(server)) {
            String request = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
                    + "multipart/form-data; boundary=AaB03x\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
            client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

            assertThat(answer)
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("name=\"title\" -> 7\n")
                    .endsWith("filename=\"a.txt\" -> 300000\n");
        } finally {
            threads.shutdown();
        }
    }
}
