package io.millio.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ByteRangeTest {
    private static final String HUGE = "99999999999999999999";

    @Test
    void positionsBehindTheEndAreClamped() {
        assertThat(ByteRange.of("bytes=0-" + HUGE, 100)).isEqualTo(new ByteRange(0, 100));
        assertThat(ByteRange.of("bytes=-" + HUGE, 100)).isEqualTo(new ByteRange(0, 100));
        assertThat(ByteRange.of("bytes=" + HUGE + "-", 100)).isEqualTo(ByteRange.UNSATISFIABLE);
        assertThat(ByteRange.of("bytes=" + HUGE + "-" + HUGE + "0", 100)).isEqualTo(ByteRange.UNSATISFIABLE);
        assertThat(ByteRange.of("bytes=7-98", 100)).isEqualTo(new ByteRange(7, 92));
    }

    @Test
    void aMalformedRangeIsIgnored() {
        for (String field : new String[] {"bytes=", "bytes=-", "bytes=a-", "bytes=1-0", "bytes=0-1,3-4", "lines=0-1"}) {
            assertThat(ByteRange.of(field, 100)).as(field).isNull();
        }
    }
}
