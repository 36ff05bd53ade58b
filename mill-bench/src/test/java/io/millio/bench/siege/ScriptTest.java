package io.millio.bench.siege;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ScriptTest {
    private static String sent(Script script, int atMost) {
        StringBuilder sent = new StringBuilder();
        while (sent.length() < script.length()) {
            ByteBuffer next = script.after(sent.length());
            next.limit(Math.min(next.limit(), next.position() + atMost));
            assertThat(next.hasRemaining()).isTrue();
            sent.append(StandardCharsets.US_ASCII.decode(next));
        }
        assertThat(script.after(sent.length()).hasRemaining()).isFalse();
        return sent.toString();
    }

    @Test
    void sendsTheOpeningAndThenTheFillerUpToItsBytes() {
        Script script = Script.of(Script.Then.HOLD, "head ").repeating("abcdefg", 20_000);

        String whole = sent(script, Integer.MAX_VALUE);

        assertThat(whole).hasSize(20_005).startsWith("head abcdefgabcdefg").endsWith("abcdefga");
        assertThat(sent(script, 11)).isEqualTo(whole);
    }

    @Test
    void sendsNothingIfThereIsNothing() {
        assertThat(sent(Script.of(Script.Then.HOLD, ""), 10)).isEmpty();
    }

    @Test
    void everyAttackHasAScriptThatEnds() {
        for (Attack attack : Attack.values()) {
            assertThat(sent(attack.script(), Integer.MAX_VALUE))
                    .hasSize((int) attack.script().length());
        }
    }
}
