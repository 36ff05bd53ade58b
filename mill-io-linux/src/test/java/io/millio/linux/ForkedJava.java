package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A Java process that runs a test's program: for what is found once a process, or can't be undone. */
final class ForkedJava {
    private static final int MAX_SECONDS = 50;

    private ForkedJava() {}

    /** Runs the main method of a class of these tests to its end, which must be a good one; returns what it prints. */
    static String output(Class<?> program, Map<String, String> environment, List<String> options, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                String.join(
                        ":",
                        codeOf("mill-io", "classes"),
                        codeOf("mill-io-linux", "classes"),
                        codeOf("mill-io-linux", "test-classes"))));
        command.addAll(options);
        command.add(program.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        // Its own end, for a test that waits for output can't be interrupted.
        CompletableFuture<Void> unused = process.onExit()
                .orTimeout(MAX_SECONDS, TimeUnit.SECONDS)
                .handle((ended, late) -> {
                    process.destroyForcibly();
                    return null;
                });
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static String codeOf(String module, String kind) {
        return Path.of("..", module, "target", kind)
                .toAbsolutePath()
                .normalize()
                .toString();
    }
}
