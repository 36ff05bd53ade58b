package io.millio.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {
    private static boolean isValid(String host) {
        byte[] in = ("x" + host + "]:9").getBytes(StandardCharsets.ISO_8859_1);
        return Hosts.isValid(in, 1, host.length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a.b",
                "a:80",
                "a:",
                "192.0.2.1:8080",
                "%41",
                "a_b~c",
                "[::]",
                "[::1]:80",
                "[1:2:3:4:5:6:7:8]",
                "[1::8]",
                "[1:2:3:4:5:6:7::]",
                "[::ffff:192.0.2.1]",
                "[1:2:3:4:5:6:192.0.2.1]",
                "[64:ff9b::0.0.0.255]"
            })
    void hostsThatMayStandThere(String host) {
        assertThat(isValid(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a@b",
                "a[",
                "%4",
                "%4g",
                "a:123456",
                "a:8x",
                "a:80:80",
                "[::1",
                "[::1]x",
                "[1:2:3:4:5:6:7]",
                "[1:2:3:4:5:6:7:8:9]",
                "[1::2::3]",
                "[12345::]",
                "[::g]",
                "[1:]",
                "[:1]",
                "[1:2:3:4:5:6:7:8::]",
                "[::ffff:192.0.2.256]",
                "[::ffff:192.0.2]",
                "[::ffff:192.0.2.1.5]",
                "[::ffff:192.0.02.1]",
                "[1:2:3:4:5:6:7:192.0.2.1]",
                "[1:2:3:4:5:192.0.2.1]",
                "[::192.0.2.1:1]",
                "[]",
                "[v1.a]"
            })
    void hostsThatMayNot(String host) {
        assertThat(isValid(host)).isFalse();
    }
}
