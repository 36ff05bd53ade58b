package io.millio.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptEncodingTest {
    private static final List<String> AVAILABLE = List.of("br", "gzip");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gzip                              | gzip
            GZip                              | gzip
            x-gzip                            | gzip
            gzip, deflate, br, zstd           | br, gzip
            br;q=0.5, gzip                    | gzip, br
            br ; q=0.5 , gzip;q=0.501         | gzip, br
            br;Q=1.000, gzip;q=1              | br, gzip
            *                                 | br, gzip
            *;q=0.1                           | br, gzip
            *, br;q=0                         | gzip
            gzip;q=0.001                      | gzip
            , gzip,,                          | gzip
            gzip;q=0.5, identity              | ''
            gzip;q=0.5, identity;q=0.5        | gzip
            br, gzip;q=0.5, identity;q=0.7    | br
            gzip, identity;q=0                | gzip
            gzip;q=0.5, *;q=0.6               | br
            *;q=0                             | ''
            gzip;q=0, br;q=0.000              | ''
            identity                          | ''
            deflate                           | ''
            ''                                | ''
            gzip;q=2                          | ''
            gzip;q=-1                         | ''
            gzip;q=0.1234                     | ''
            gzip;q=x                          | ''
            gzip;level=9                      | ''
            gzipped, agzip, brr               | ''
            """)
    void theCodingsThatAreAcceptedComeBestFirst(String field, String expected) {
        assertThat(String.join(", ", AcceptEncoding.preferred(List.of(field), AVAILABLE)))
                .isEqualTo(expected);
    }

    @Test
    void severalFieldsAreOneList() {
        assertThat(AcceptEncoding.preferred(List.of("gzip;q=0.5", "br;q=0.4", "identity;q=0.45"), AVAILABLE))
                .containsExactly("gzip");
    }

    @Test
    void withoutAFieldNoneIsPreferred() {
        assertThat(AcceptEncoding.preferred(List.of(), AVAILABLE)).isEmpty();
    }
}
