package io.millio.bench.http.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ResponseReaderTest {
    private static final String TEXT = "HTTP/1.1 200 OK\r\nX: 1\r\ncontent-LENGTH:  3\r\n\r\n\r\n\r";
    private static final String EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: 1\r\n\r\n";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static int read(String text) throws IOException {
        return new ResponseReader().read(bytes(text), text.length());
    }

    @Test
    void findsEachAnswerWhereverTheBytesAreDivided() throws Exception {
        byte[] all = bytes(TEXT + EMPTY + TEXT);
        for (int i = 0; i <= all.length; i++) {
            ResponseReader reader = new ResponseReader();
            int before = reader.read(all, i);
            byte[] rest = Arrays.copyOfRange(all, i, all.length);
            assertThat(before + reader.read(rest, rest.length)).isEqualTo(3);
        }
    }

    @Test
    void anAnswerEndsWithTheLastByteOfItsBody() throws Exception {
        assertThat(read(TEXT.substring(0, TEXT.length() - 1))).isZero();
        assertThat(read(TEXT)).isOne();
    }

    @Test
    void refusesWhatItCannotCount() {
        assertThatThrownBy(() -> read(TEXT.replace("200", "404"))).hasMessageContaining("404");
        assertThatThrownBy(() -> read(TEXT.replace("LENGTH", "WIDTH"))).hasMessageContaining("without");
    }
}
