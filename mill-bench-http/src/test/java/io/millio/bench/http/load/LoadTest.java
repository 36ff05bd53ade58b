package io.millio.bench.http.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.bench.http.gate.FakeServer;
import io.millio.bench.http.server.MillServer;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoadTest {
    @ParameterizedTest
    @EnumSource
    void everyRequestOfAProfileIsAnswered(Profile profile) throws Exception {
        try (Load load = Load.open(MillServer.start("nio"), profile)) {
            for (int i = 0; i < 2; i++) {
                Load.Result result = load.run(1);
                assertThat(result.requests()).isGreaterThanOrEqualTo((long) profile.connections * profile.pipelined);
                assertThat(result.nanos()).isPositive();
                assertThat(result.p99Nanos()).isPositive();
            }
        }
    }

    @Test
    void anAnswerThatIsNotExpectedEndsTheLoad() throws Exception {
        try (FakeServer server = FakeServer.afterBlankLine("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")) {
            assertThatThrownBy(() -> Load.open(server.port(), Profile.PLAIN))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("503");
        }
    }

    @Test
    void moreAnswersThanRequestsEndTheLoad() throws Exception {
        String plain = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        try (FakeServer server = FakeServer.afterBlankLine(plain + plain)) {
            assertThatThrownBy(() -> Load.open(server.port(), Profile.PLAIN))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("more answers");
        }
    }
}
