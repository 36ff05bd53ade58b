package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Valid conversations, damaged at random: nothing escapes, no connection hangs, every answer is well-formed.
 * {@code -Dmillio.http.fuzz=100000} for more of them, {@code -Dmillio.http.seed=...} to see one series again.
 */
class FuzzTest extends HttpCase {
    private static final int ROUNDS = Integer.getInteger("millio.http.fuzz", 3_000);
    private static final long SEED = Long.getLong("millio.http.seed", 1);
    private static final String[] SPICE = {
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        "\0",
        " ",
        "\t",
        ":",
        ";",
        ",",
        "0",
        "-1",
        "+5",
        "ffffffffffffffff",
        "%00",
        "/../",
        "?",
        "#",
        "HTTP/1.1",
        "HTTP/1.0",
        "Host: y\r\n",
        "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Expect: 100-continue\r\n",
        "Connection: close\r\n",
        "GET ",
        "HEAD ",
        "\u00ff"
    };
    private static final List<String> SEEDS = List.of(
            "GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /a/b?c=d HTTP/1.1\r\nHost: [::1]:80\r\nAccept: */*\r\nX-One: 1\r\n\r\n",
            "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n",
            "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world",
            "POST /e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nT: u\r\n\r\n",
            "POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
            "POST /ignored HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nGET ",
            "GET /late HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "GET http://x/abs HTTP/1.1\r\nHost: x\r\n\r\n");

    // A head as this server makes it.
    private static final Pattern HEAD =
            Pattern.compile("HTTP/1\\.1 (\\d{3}) [A-Za-z ]*\r\n(?:[!-9;-~]+: [^\r\n]*\r\n)*\r\n");
    private static final Pattern LENGTH = Pattern.compile("\r\nContent-Length: (\\d+)\r\n");

    private static void handle(HttpRequest request, HttpResponse response) {
        if (request.isPath("/e")) {
            BodyTest.echo(request, response);
        } else if (request.isPath("/late")) {
            response.later();
            request.connection().loop().execute(() -> response.send("late"));
        } else {
            response.send(request.path() + request.query() + request.fields().size());
        }
    }

    private static String conversation(SplittableRandom random) {
        StringBuilder all = new StringBuilder();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            all.append(SEEDS.get(random.nextInt(SEEDS.size())));
        }
        for (int i = random.nextInt(0, 4); i > 0 && all.length() > 0; i--) {
            int at = random.nextInt(all.length());
            switch (random.nextInt(5)) {
                case 0 -> all.setCharAt(at, (char) random.nextInt(256));
                case 1 -> all.deleteCharAt(at);
                case 2 -> all.insert(at, SPICE[random.nextInt(SPICE.length)]);
                case 3 -> all.delete(at, Math.min(all.length(), at + random.nextInt(20)));
                default -> all.insert(at, all.substring(at, Math.min(all.length(), at + random.nextInt(30))));
            }
        }
        return all.toString();
    }

    /** Heads with bodies of the length they say, one after the other; to HEAD there is none, so that both are tried. */
    private static void assertAnswers(String sent, String got) {
        int at = 0;
        while (at < got.length()) {
            Matcher head = HEAD.matcher(got).region(at, got.length());
            assertThat(head.lookingAt())
                    .as("answer at %d of%n%s%nto%n%s", at, got, sent)
                    .isTrue();
            at = head.end();
            if (head.group(1).equals("100")) {
                continue;
            }
            Matcher length = LENGTH.matcher(head.group());
            assertThat(length.find()).as("length of%n%s%nto%n%s", got, sent).isTrue();
            int bodyEnd = at + Integer.parseInt(length.group(1));
            boolean ofHead = sent.contains("HEAD") && (bodyEnd > got.length() || got.startsWith("HTTP/1.1 ", at));
            at = ofHead ? at : bodyEnd;
            assertThat(at).as("the body is cut: %n%s%nto%n%s", got, sent).isLessThanOrEqualTo(got.length());
        }
    }

    @Test
    @Timeout(600)
    void whateverComesIsAnsweredOrEnded() throws IOException {
        options = options.withMaxHead(300, 10, 300);
        HttpServer server = serve(FuzzTest::handle);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            String sent = conversation(random);
            try (Raw client = new Raw(server)) {
                int cut = random.nextInt(sent.length() + 1);
                try {
                    client.sendExactly(sent.substring(0, cut))
                            .sendExactly(sent.substring(cut))
                            .endOutput();
                } catch (IOException e) {
                    continue; // it has ended, which it may
                }
                assertAnswers(sent, client.restOrReset());
            }
            assertThat(errors)
                    .as("errors after%n%s", sent.getBytes(StandardCharsets.ISO_8859_1))
                    .isEmpty();
        }
        Raw last = connect(server);
        last.send("GET /plaintext HTTP/1.1\nHost: x\n\n");
        assertThat(last.status()).isEqualTo(200);
    }
}
