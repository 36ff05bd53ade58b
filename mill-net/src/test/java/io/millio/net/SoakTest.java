package io.millio.net;

import io.millio.transport.Transport;
import io.millio.transport.TransportStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Servers that are full all the time, with clients of all kinds: no stall, no leak, every byte exact. Three seconds on
 * each transport; {@code -Dmillio.soak=PT10M} is how long instead, {@code -Dmillio.soak.seed} draws other clients,
 * {@code -Dmillio.soak.patience} bounds the time in which a well-behaved client must be served.
 */
class SoakTest {
    private static final Duration LENGTH = Duration.parse(System.getProperty("millio.soak", "PT3S"));
    private static final Duration PATIENCE = Duration.parse(System.getProperty("millio.soak.patience", "PT30S"));

    static Stream<String> transports() {
        List<String> tried = List.of("nio", "epoll");
        return Transport.available().stream()
                .filter(TransportStatus::usable)
                .map(TransportStatus::name)
                .filter(tried::contains);
    }

    @ParameterizedTest
    @MethodSource("transports")
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void wellBehavedClientsAreServedWhateverOthersDo(String transport) throws Exception {
        long seed = Long.getLong("millio.soak.seed", System.nanoTime());
        try {
            System.out.println("soak on " + new Soak(LENGTH, PATIENCE, seed).run(Transport.named(transport)));
        } catch (AssertionError e) {
            throw new AssertionError(
                    "-Dmillio.soak.seed=" + seed + " draws the same clients again. " + e.getMessage(), e);
        }
    }
}
