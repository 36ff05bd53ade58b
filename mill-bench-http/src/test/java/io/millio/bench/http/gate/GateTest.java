package io.millio.bench.http.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.bench.http.server.MillServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final String BAD = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    private static final String ERROR = "HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n";
    private static final String OTHER_TEXT = FakeServer.PLAIN.replace("World", "Worle");
    private static final int PATIENT = 10_000;
    private static final int IMPATIENT = 50;

    private static final List<String> VALID =
            ValidRequest.all().stream().map(ValidRequest::name).toList();

    private static List<String> failing(int port, int timeoutMillis) throws IOException, InterruptedException {
        return new Gate(port, timeoutMillis, connections -> {})
                .run().stream().map(Gate.Failure::check).distinct().toList();
    }

    private static List<String> failing(UnaryOperator<String> behaviour) throws IOException, InterruptedException {
        try (FakeServer server = new FakeServer(behaviour)) {
            return failing(server.port(), IMPATIENT);
        }
    }

    private static List<String> failing(String answer) throws IOException, InterruptedException {
        try (FakeServer server = FakeServer.afterBlankLine(answer)) {
            return failing(server.port(), IMPATIENT);
        }
    }

    private static List<String> allBut(String... names) {
        List<String> others = new ArrayList<>(Gate.checks());
        others.removeAll(List.of(names));
        return others;
    }

    private static ValidRequest valid(String name) {
        return ValidRequest.all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aServerThatAnswersAndRefusesRightPasses() throws Exception {
        assertThat(failing(MillServer.start("nio"), PATIENT)).isEmpty();
    }

    @Test
    void aServerThatAcceptsEverythingFailsAllThatItMustRefuse() throws Exception {
        assertThat(failing(FakeServer.PLAIN)).containsExactlyElementsOf(allBut("GET", "many fields"));
    }

    @Test
    void aServerThatRefusesEverythingFailsAllThatItMustAnswer() throws Exception {
        assertThat(failing(received -> BAD)).containsExactlyElementsOf(VALID);
    }

    @Test
    void aCloseWithoutAnAnswerIsARefusal() throws Exception {
        assertThat(failing(received -> FakeServer.CLOSE)).containsExactlyElementsOf(VALID);
    }

    @Test
    void aServerErrorIsNoRefusalWhileTheConnectionStaysOpen() throws Exception {
        assertThat(failing(ERROR)).containsExactlyElementsOf(allBut());
    }

    @Test
    void aServerThatDoesNotAnswerFailsEverything() throws Exception {
        assertThat(failing(received -> FakeServer.NONE)).containsExactlyElementsOf(allBut());
    }

    @Test
    void aBodyThatDiffersInOneByteFails() throws Exception {
        assertThat(failing(OTHER_TEXT)).contains("GET", "many fields");
    }

    @Test
    void aServerThatNeedsARequestInOneReadFailsWhatIsDivided() throws Exception {
        ValidRequest get = valid("GET");
        try (FakeServer server = new FakeServer(
                received -> received.endsWith("\r\n\r\n") && received.startsWith("GET") ? FakeServer.PLAIN : BAD)) {
            int[] connections = {0};
            Gate divided =
                    new Gate(server.port(), PATIENT, count -> server.awaitConnectionsWithData(connections[0] += count));
            divided.sendDivided(get);
            assertThat(divided.failures())
                    .containsExactly(new Gate.Failure("GET", "divided after byte 1: answered 400"));
        }
    }

    @Test
    void aServerThatAnswersBeforeTheLastByteFailsByteByByte() throws Exception {
        ValidRequest get = valid("GET");
        UnaryOperator<String> afterALine = received ->
                received.endsWith("\r\n\r\n") ? FakeServer.PLAIN : received.endsWith("\r\n") ? BAD : FakeServer.NONE;
        try (FakeServer server = new FakeServer(afterALine)) {
            int[] bytes = {0};
            Gate gate = new Gate(server.port(), PATIENT, count -> server.awaitBytes(bytes[0] += count));
            gate.sendByteByByte(List.of(get));
            assertThat(gate.failures()).containsExactly(new Gate.Failure("GET", "byte by byte: answered 400"));
        }
    }
}
