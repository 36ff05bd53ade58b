package io.millio.examples.jsonrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

class DispatcherTest {
    private final List<String> failures = new ArrayList<>();
    private final JsonRpc service = ExampleMethods.addTo(JsonRpc.builder())
            .method("throws", (params, result) -> {
                result.writeStartObject();
                throw new IllegalStateException("planned");
            })
            .method("none", (params, result) -> {})
            .method("two", (params, result) -> result.writeNumber(1).writeNumber(2))
            .method("half", (params, result) -> result.writeStartArray())
            .method("own", (params, result) -> {
                throw new RpcException(7, "a \"quoted\" message", null);
            })
            .slowMethod("slowThrows", (params, result) -> {
                throw new IllegalStateException("planned");
            })
            .maxBatch(3)
            .maxMessageBytes(100_000)
            .onFailure((method, failure) -> failures.add(method + " " + failure.getMessage()))
            .build();
    private final Asked asked = new Asked(service);

    private static String call(String method, String params, String id) {
        return "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":" + params + ",\"id\":" + id + "}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "nul",
                "12 13",
                "\"abc",
                "{} x",
                "{}{}",
                "[1,]",
                "{\"a\":}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"none\",\"id\":1",
                "{\"jsonrpc\":\"2.0\",\"method\":\"none\",\"id\":1}}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"none\",\"params\":[1 2],\"id\":1}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"none\",\"params\":[\"\\x\"],\"id\":1}",
                "\ufeff{}"
            })
    void whatIsNoJsonIsAParseErrorAndTheNextMessageIsAnswered(String message) {
        assertThat(asked.ask(message))
                .isEqualTo(Asked.tree(
                        "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":\"Parse error\"},\"id\":null}"));
        assertThat(asked.ask(call("add", "[1,2]", "1")).path("result").asInt()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "12",
                "\"abc\"",
                "null",
                "true",
                "{}",
                "{\"method\":\"none\",\"id\":null}",
                "{\"jsonrpc\":\"1.0\",\"method\":\"none\"}",
                "{\"jsonrpc\":2.0,\"method\":\"none\"}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"none\",\"id\":[1]}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"none\",\"id\":true}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"none\",\"params\":null}",
                "{\"jsonrpc\":\"2.0\",\"method\":{\"a\":\"none\"}}"
            })
    void whatIsJsonButNoRequestIsAnInvalidRequest(String message) {
        assertThat(asked.ask(message))
                .isEqualTo(
                        Asked.tree(
                                "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"Invalid Request\"},\"id\":null}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1", "-0", "1.50", "1e400", "12345678901234567890123", "null", "\"\"", "\"a\\u00e9\\\"é\\n\""})
    void anIdComesBackAsItCame(String id) {
        asked.begin("{ \"id\" : " + id + " , \"method\":\"none\",\"jsonrpc\":\"2.0\"}  ");
        assertThat(asked.answers).containsExactly("{\"jsonrpc\":\"2.0\",\"result\":null,\"id\":" + id + "}");
    }

    @Test
    void membersComeInAnyOrderAndOthersArePassedOver() {
        assertThat(
                        asked.ask(
                                "{\"x\":{\"id\":[2,{}]},\"params\":[4,5],\"id\":7,\"y\":\"z\",\"jsonrpc\":\"2.0\",\"method\":\"add\"}"))
                .isEqualTo(Asked.tree("{\"jsonrpc\":\"2.0\",\"result\":9,\"id\":7}"));
    }

    @Test
    void parametersThatDoNotFitAreInvalid() {
        for (String params : List.of(
                "[1]",
                "[1,2,3]",
                "[1,\"2\"]",
                "[1,[2]]",
                "[1,null]",
                "{\"minuend\":1}",
                "[]",
                "{}",
                "[1,1e400]",
                "{\"minuend\":1,\"minuend\":2}",
                "{\"minuend\":1,\"subtrahend\":2,\"more\":3}",
                "[-9223372036854775808,1]",
                "[9223372036854775808,1]")) {
            assertThat(asked.codeOf(call("subtract", params, "1"))).as(params).isEqualTo(-32602);
        }
        assertThat(asked.codeOf("{\"jsonrpc\":\"2.0\",\"method\":\"add\",\"id\":1}"))
                .isEqualTo(-32602);
        assertThat(asked.codeOf(call("time", "[1]", "1"))).isEqualTo(-32602);
        assertThat(asked.codeOf(call("primes", "[-1]", "1"))).isEqualTo(-32602);
        assertThat(asked.ask(call("subtract", "[5.5,2]", "1")).path("result").asDouble())
                .isEqualTo(3.5);
        assertThat(failures).isEmpty();
    }

    @Test
    void whatAMethodThrowsIsAnInternalErrorWithoutAnyOfItsResult() {
        String expected = "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,\"message\":\"Internal error\"},\"id\":1}";
        for (String method : List.of("throws", "two", "half", "slowThrows")) {
            assertThat(asked.ask(call(method, "[]", "1"))).isEqualTo(Asked.tree(expected));
            assertThat(asked.ask(call("echo", "[1]", "2")))
                    .isEqualTo(Asked.tree("{\"jsonrpc\":\"2.0\",\"result\":[1],\"id\":2}"));
        }
        assertThat(failures).hasSize(4).contains("throws planned", "slowThrows planned");
        assertThat(asked.ask(call("own", "[]", "1"))
                        .path("error")
                        .path("message")
                        .asString())
                .isEqualTo("a \"quoted\" message");
    }

    @Test
    void echoGivesBackWhatItGot() {
        String params = "[null,true,-1.5e3,\"é\\ud83d\\ude00\\n\",{\"a\":{\"b\":[]}},12345678901234567890]";
        assertThat(asked.ask(call("echo", params, "1")).path("result")).isEqualTo(Asked.tree(params));
    }

    @Test
    void brokenUtf8IsAParseError() {
        for (int[] broken : new int[][] {{0xff}, {0xc3}, {0xc0, 0x80}, {0xed, 0xa0, 0x80}, {0xf5, 0x80, 0x80, 0x80}}) {
            for (int before = 0; before < 20; before++) {
                byte[] message = call("echo", "[\"" + "x".repeat(before) + "????\"]", "1")
                        .getBytes(StandardCharsets.UTF_8);
                int at = new String(message, StandardCharsets.UTF_8).indexOf('?');
                for (int i = 0; i < broken.length; i++) {
                    message[at + i] = (byte) broken[i];
                }
                assertThat(asked.ask(message).path("error").path("code").asInt())
                        .isEqualTo(-32700);
            }
        }
    }

    @Test
    void whatIsNestedTooDeepIsRefusedAndTheNextMessageIsAnswered() {
        for (String deep : List.of(
                "[".repeat(10_000),
                "{\"a\":".repeat(10_000),
                call("echo", "[".repeat(10_000) + "]".repeat(10_000), "1"),
                call("echo", "[".repeat(64) + "]".repeat(64), "1"))) {
            assertThat(asked.codeOf(deep)).isEqualTo(-32600);
            assertThat(asked.ask(call("echo", "[".repeat(63) + "]".repeat(63), "1"))
                            .has("result"))
                    .isTrue();
        }
    }

    @Test
    void aMessageThatIsTooLongIsRefused() {
        assertThat(asked.ask("x".repeat(100_001)).path("error").path("data").asString())
                .contains("100000");
        assertThat(asked.codeOf("[" + " ".repeat(99_998))).isEqualTo(-32700);
        String longest = call("add", "[1,2]", "1");
        longest += " ".repeat(100_000 - longest.length());
        assertThat(asked.ask(longest).path("result").asInt()).isEqualTo(3);
        assertThat(asked.codeOf(longest + " ")).isEqualTo(-32600);
    }

    @Test
    void noCallOfABatchThatIsTooLargeIsMade() {
        assertThat(asked.ask("[" + "1,".repeat(20_000) + "1]")
                        .path("error")
                        .path("data")
                        .asString())
                .contains("3 calls");
        String fails = call("throws", "[]", "1");
        assertThat(asked.codeOf("[" + String.join(",", fails, fails, fails, fails) + "]"))
                .isEqualTo(-32600);
        assertThat(failures).isEmpty();
        assertThat(asked.ask("[" + String.join(",", fails, fails, fails) + "]")).hasSize(3);
    }

    @Test
    void noCallOfABatchThatEndsBadlyIsMade() {
        assertThat(asked.codeOf("[" + call("throws", "[]", "1") + ",{]")).isEqualTo(-32700);
        assertThat(failures).isEmpty();
    }

    @Test
    void slowCallsHoldUpNoOtherMessageAndAreAnsweredAsTheyEnd() {
        Pending slow = asked.begin(call("sleep", "[0]", "1"));
        asked.begin(call("add", "[1,2]", "2"));
        assertThat(asked.answers).containsExactly("{\"jsonrpc\":\"2.0\",\"result\":3,\"id\":2}");
        assertThat(Objects.requireNonNull(slow).calls()).isEqualTo(1);
        asked.runAll();
        assertThat(asked.answers.get(1)).isEqualTo("{\"jsonrpc\":\"2.0\",\"result\":0,\"id\":1}");
    }

    @Test
    void aBatchIsAnsweredWhenItsLastSlowCallHasEnded() {
        Pending pending = asked.begin("[" + call("primes", "[10]", "1") + "," + call("add", "[1,1]", "2") + ","
                + call("primes", "{\"below\":100}", "3") + "]");
        assertThat(Objects.requireNonNull(pending).calls()).isEqualTo(2);
        Objects.requireNonNull(asked.offloaded.poll()).run();
        assertThat(asked.answers).isEmpty();
        asked.runAll();
        assertThat(Asked.sorted(Asked.tree(asked.answers.get(0))))
                .isEqualTo(
                        Asked.sorted(
                                Asked.tree(
                                        "[{\"jsonrpc\":\"2.0\",\"result\":2,\"id\":2},"
                                                + "{\"jsonrpc\":\"2.0\",\"result\":4,\"id\":1},{\"jsonrpc\":\"2.0\",\"result\":25,\"id\":3}]")));
    }

    @Test
    void aMessageThatWasCancelledIsNotAnswered() {
        Pending pending = asked.begin("[" + call("sleep", "[0]", "1") + "," + call("sleep", "[0]", "2") + "]");
        Objects.requireNonNull(asked.offloaded.poll()).run();
        Objects.requireNonNull(pending).cancel();
        asked.runAll();
        assertThat(asked.answers).isEmpty();
    }

    @Test
    void slowCallsWithoutRoomAreAnsweredAsBusy() {
        asked.room = 1;
        assertThat(asked.ask("[" + call("sleep", "[0]", "1") + "," + call("sleep", "[0]", "2") + "]"))
                .isEqualTo(Asked.tree(
                        "[{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"Server is busy\"},\"id\":2},"
                                + "{\"jsonrpc\":\"2.0\",\"result\":0,\"id\":1}]"));
        asked.room = 0;
        assertThat(asked.codeOf(call("sleep", "[0]", "2"))).isEqualTo(-32000);
    }

    @Test
    void aNotificationIsNotAnsweredAlsoIfItFailsOrThereIsNoRoomForIt() {
        asked.room = 0;
        for (String method : List.of("throws", "two", "own", "sleep", "slowThrows", "unknown")) {
            String notification = "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\"}";
            assertThat(asked.ask(notification).isMissingNode()).as(method).isTrue();
            assertThat(asked.ask("[" + notification + "," + call("add", "[1,2]", "1") + "," + notification + "]"))
                    .as(method)
                    .isEqualTo(Asked.tree("[{\"jsonrpc\":\"2.0\",\"result\":3,\"id\":1}]"));
        }
        assertThat(failures).contains("throws planned").doesNotContain("slowThrows planned");
        asked.room = 100;
        assertThat(asked.ask("{\"jsonrpc\":\"2.0\",\"method\":\"slowThrows\"}").isMissingNode())
                .isTrue();
        assertThat(failures).contains("slowThrows planned");
    }

    @Test
    void aCallThatIsRefusedAfterItHasWaitedIsAnsweredAsBusy() {
        CompletableFuture<byte[]> waits = new CompletableFuture<>();
        asked.offloadTo = (task, callback) -> waits.whenComplete(callback);
        asked.begin(call("sleep", "[0]", "1"));
        waits.completeExceptionally(new RejectedExecutionException("planned"));
        assertThat(asked.answers)
                .containsExactly(
                        "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"Server is busy\"},\"id\":1}");
    }

    @Test
    void messagesOfAllSizesFollowOneAnother() {
        Random random = new Random(1);
        for (int i = 0; i < 3_000; i++) {
            String text = "é".repeat(random.nextInt(3) == 0 ? random.nextInt(20_000) : random.nextInt(20));
            String blanks = " ".repeat(random.nextInt(4));
            String message = blanks + call("echo", "[" + blanks + "\"" + text + "\"]", "" + i) + blanks;
            boolean bad = random.nextInt(10) == 0;
            JsonNode answer = asked.ask(bad ? message + "}" : message);
            assertThat(answer.path("error").path("code").asInt()).isEqualTo(bad ? -32700 : 0);
            assertThat(answer.path("result").path(0).asString("")).isEqualTo(bad ? "" : text);
        }
    }

    @Test
    void bytesAtRandomAreAlwaysAnsweredOnceAndLeaveNothingBehind() {
        Random random = new Random(2);
        byte[] good = ("[" + call("add", "[1,2]", "\"a\"") + "," + call("echo", "{\"a\":[1.5,null]}", "2") + "]")
                .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                bad[random.nextInt(bad.length)] =
                        (byte) (random.nextBoolean() ? random.nextInt() : "[]{}\",:1 ".charAt(random.nextInt(9)));
            }
            asked.ask(bad); // throws if the answer is no JSON
            assertThat(asked.ask(good)).hasSize(2);
        }
    }

    @Test
    void aParserServesManyMessagesButNotForEver() {
        FedParser parser = new FedParser(service.factory);
        byte[] text = "{\"name\":1}".getBytes(StandardCharsets.UTF_8);
        Set<JsonParser> parsers = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 100_000; i++) {
            JsonParser json = parser.begin(text, 0, text.length);
            parsers.add(json);
            json.nextToken();
            json.skipChildren();
            assertThat(parser.tokenEnd(json)).isEqualTo(text.length);
        }
        // 1,000,000 bytes: the names that it has met go with a parser.
        assertThat(parsers).hasSize(4);
    }

    @Test
    void aServiceRefusesNamesThatAreReservedOrTaken() {
        JsonRpc.Builder builder = JsonRpc.builder().method("a", (params, result) -> {});
        assertThatIllegalArgumentException().isThrownBy(() -> builder.method("rpc.a", (params, result) -> {}));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.slowMethod("a", (params, result) -> {}));
    }
}
