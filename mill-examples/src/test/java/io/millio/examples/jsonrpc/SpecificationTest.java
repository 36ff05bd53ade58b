package io.millio.examples.jsonrpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example of the specification's section 7, with methods at once and with slow ones. */
class SpecificationTest {
    private static final String PARSE_ERROR =
            "{\"jsonrpc\": \"2.0\", \"error\": {\"code\": -32700, \"message\": \"Parse error\"}, \"id\": null}";
    private static final String INVALID =
            "{\"jsonrpc\": \"2.0\", \"error\": {\"code\": -32600, \"message\": \"Invalid Request\"}, \"id\": null}";

    static Stream<Arguments> examples() {
        return Stream.of(
                Arguments.of(
                        "positional parameters",
                        "{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": [42, 23], \"id\": 1}",
                        "{\"jsonrpc\": \"2.0\", \"result\": 19, \"id\": 1}"),
                Arguments.of(
                        "positional parameters, the other way round",
                        "{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": [23, 42], \"id\": 2}",
                        "{\"jsonrpc\": \"2.0\", \"result\": -19, \"id\": 2}"),
                Arguments.of(
                        "named parameters",
                        "{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": {\"subtrahend\": 23, \"minuend\": 42}, \"id\": 3}",
                        "{\"jsonrpc\": \"2.0\", \"result\": 19, \"id\": 3}"),
                Arguments.of(
                        "named parameters, the other way round",
                        "{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": {\"minuend\": 42, \"subtrahend\": 23}, \"id\": 4}",
                        "{\"jsonrpc\": \"2.0\", \"result\": 19, \"id\": 4}"),
                Arguments.of(
                        "a notification",
                        "{\"jsonrpc\": \"2.0\", \"method\": \"update\", \"params\": [1,2,3,4,5]}",
                        ""),
                Arguments.of(
                        "a notification without such a method", "{\"jsonrpc\": \"2.0\", \"method\": \"foobar\"}", ""),
                Arguments.of(
                        "no such method",
                        "{\"jsonrpc\": \"2.0\", \"method\": \"foobar\", \"id\": \"1\"}",
                        "{\"jsonrpc\": \"2.0\", \"error\": {\"code\": -32601, \"message\": \"Method not found\"}, \"id\": \"1\"}"),
                Arguments.of(
                        "invalid JSON",
                        "{\"jsonrpc\": \"2.0\", \"method\": \"foobar, \"params\": \"bar\", \"baz]",
                        PARSE_ERROR),
                Arguments.of(
                        "an invalid request object",
                        "{\"jsonrpc\": \"2.0\", \"method\": 1, \"params\": \"bar\"}",
                        INVALID),
                Arguments.of("a batch that is invalid JSON", """
                        [
                          {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
                          {"jsonrpc": "2.0", "method"
                        ]""", PARSE_ERROR),
                Arguments.of("an empty array", "[]", INVALID),
                Arguments.of("an invalid batch that is not empty", "[1]", "[" + INVALID + "]"),
                Arguments.of("an invalid batch", "[1,2,3]", "[" + INVALID + "," + INVALID + "," + INVALID + "]"),
                Arguments.of("a batch", """
                        [
                          {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
                          {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
                          {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
                          {"foo": "boo"},
                          {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
                          {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
                        ]""", """
                        [
                          {"jsonrpc": "2.0", "result": 7, "id": "1"},
                          {"jsonrpc": "2.0", "result": 19, "id": "2"},
                          {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
                          {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},
                          {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}
                        ]"""),
                Arguments.of("a batch of notifications only", """
                        [
                          {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
                          {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
                        ]""", ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void isAnsweredAtOnce(String name, String message, String answer) {
        Asked asked = new Asked(Asked.specification(false));
        assertThat(asked.ask(message)).isEqualTo(Asked.tree(answer));
        assertThat(asked.offloaded).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void isAnsweredWhenSlowMethodsHaveEnded(String name, String message, String answer) {
        Asked asked = new Asked(Asked.specification(true));
        // A batch is answered in any order: here, those that were answered at once come first.
        assertThat(Asked.sorted(asked.ask(message))).isEqualTo(Asked.sorted(Asked.tree(answer)));
    }

    @Test
    void notificationsAreCarriedOut() {
        for (boolean slow : new boolean[] {false, true}) {
            Asked.NOTIFIED.clear();
            Asked asked = new Asked(Asked.specification(slow));
            asked.ask("{\"jsonrpc\": \"2.0\", \"method\": \"update\", \"params\": [1,2,3,4,5]}");
            asked.ask("[{\"jsonrpc\": \"2.0\", \"method\": \"notify_hello\", \"params\": [7]}]");
            assertThat(Asked.NOTIFIED).containsExactly("[1,2,3,4,5]", "[7]");
        }
    }
}
