package io.millio.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RatioTableTest {
    private final RatioTable table = new RatioTable("Title");

    @Test
    void tellsMediansAndTheRatioToTheBestPeer() {
        for (double score : new double[] {30, 10, 20, 1000, 12}) {
            table.add("row", "Mill.A", score, 0);
        }
        table.add("row", "Peer.B", 50, 8);
        table.add("row", "Peer.B", 30, 24);
        table.add("row", "Peer.C", 1234.4, 100);

        assertThat(table.text()).isEqualTo("""
                Title
                           Mill.A         Peer.B         Peer.C  A : best peer
                row  20.0 (0.0 B)  40.0 (16.0 B)  1,234 (100 B)  0.50 (Peer.B)
                """);
    }

    @Test
    void takesAnotherOfItsOwnForNoPeer() {
        table.add("row", "Mill.A", 20, 0);
        table.add("row", "Mill.B", 10, 0);
        table.add("row", "Peer", 40, 0);

        assertThat(table.text()).contains("0.50 (Peer)").contains("0.25 (Peer)");
    }

    @Test
    void leavesOutWhatWasNotMeasured() {
        table.add("one", "Mill.A", 20, 0);
        table.add("two", "Peer", 40, 0);

        assertThat(table.text().lines().skip(2)).allMatch(line -> line.matches("(one|two) .* -( .*)?"));
    }
}
