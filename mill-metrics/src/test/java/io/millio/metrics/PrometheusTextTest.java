package io.millio.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The reader that the other tests believe: it refuses what the format does not allow. */
class PrometheusTextTest {
    @Test
    void samplesAreReadWithTheirLabels() {
        PrometheusText read = PrometheusText.parse("""
                # HELP a_total some \\\\ text
                # TYPE a_total counter
                a_total{x="1,\\"2\\"",y=""} 3.0
                a_total 1e3
                # TYPE s summary
                s_sum 1
                s_count 2
                s{quantile="0.5"} NaN
                """);
        assertThat(read.value("a_total", "y=", "x=1,\\\"2\\\"")).isEqualTo(3);
        assertThat(read.value("a_total")).isEqualTo(1000);
        assertThat(read.types()).containsEntry("s", "summary").hasSize(2);
        assertThat(read.size()).isEqualTo(5);
    }

    @Test
    void whatTheFormatDoesNotAllowIsRefused() {
        for (String text : new String[] {
            "# TYPE a gauge\na 1",
            "a 1\n",
            "# TYPE a.b gauge\na.b 1\n",
            "# TYPE a gauges\na 1\n",
            "# TYPE a gauge\na{x=1} 1\n",
            "# TYPE a gauge\na{x=\"1\" 1\n",
            "# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n",
            "# TYPE a gauge\na one\n",
            "# TYPE a gauge\na 1\na 2\n",
            "# TYPE a gauge\na_sum 1\n",
            "# TYPE a counter\na 1\n",
            "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n",
            "# a comment\n",
        }) {
            assertThatThrownBy(() -> PrometheusText.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
