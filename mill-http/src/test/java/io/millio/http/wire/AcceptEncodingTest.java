package io.millio.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptEncodingTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip",
                "GZIP",
                "x-gzip",
                "deflate, gzip, br",
                "gzip;q=0.001",
                "gzip ; Q=1.000",
                "*",
                "*;q=0, gzip",
                "identity;q=0.5, gzip;q=0.5",
                "br;q=1.0, gzip;q=0.8, *;q=0.1"
            })
    void gzipIsTaken(String value) {
        assertThat(AcceptEncoding.prefersGzip(List.of(value))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "br",
                "gzip;q=0",
                "gzip;q=0.000",
                "*, gzip;q=0",
                "*;q=0",
                "identity, gzip;q=0.5",
                "gzip;q=1.001",
                "gzip;q=x",
                "gzip;q=",
                "gzip;q=0.0001",
                "gzip;q=10",
                "gzip;level=1",
                "gzipx"
            })
    void gzipIsNotTaken(String value) {
        assertThat(AcceptEncoding.prefersGzip(List.of(value))).isFalse();
    }

    @Test
    void severalFieldsAreOneList() {
        assertThat(AcceptEncoding.prefersGzip(List.of())).isFalse();
        assertThat(AcceptEncoding.prefersGzip(List.of("br", "gzip"))).isTrue();
        assertThat(AcceptEncoding.prefersGzip(List.of("gzip;q=0.5", "identity")))
                .isFalse();
    }
}
