package io.millio.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Random programs on random networks: what a loop promises holds under every seed. */
class SwarmTest {
    @Seeds(value = 8_000, fresh = 200, twice = 20)
    void everyRequestEndsOnceAndInOrderWhateverGoesWrong(SimNetwork network) throws IOException {
        new Swarm(network).run();
    }

    /** A line for each of some seeds: the hash of all that happened, and that of the text of the trace. */
    private static List<String> fingerprints() throws IOException {
        List<String> lines = new ArrayList<>();
        for (long seed = 1; seed <= 40; seed++) {
            try (SimNetwork network = SimNetwork.seeded(seed)) {
                new Swarm(network).run();
                CRC32 text = new CRC32();
                text.update(network.trace().getBytes(StandardCharsets.UTF_8));
                lines.add(seed + " " + network.traceHash() + " " + text.getValue());
            }
        }
        return lines;
    }

    @Test
    void theSameSeedIsTheSameSwarm() throws IOException {
        assertThat(fingerprints()).isEqualTo(fingerprints());
    }

    /** The build runs the tests on two versions of Java: the first leaves what the second has to find. */
    @Test
    void theSameSeedIsTheSameSwarmOnEveryJava() throws IOException {
        Path file = Path.of("target", "swarm-fingerprints.txt");
        if (Runtime.version().feature() >= 25) {
            Files.write(file, fingerprints());
            assertThat(Files.readAllLines(file)).hasSize(40);
        } else {
            assumeTrue(Files.exists(file), "no newer Java has run this test before");
            assertThat(fingerprints()).isEqualTo(Files.readAllLines(file));
        }
    }
}
