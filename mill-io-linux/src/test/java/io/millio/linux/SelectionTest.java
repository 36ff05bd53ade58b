package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which transport a process takes, in processes of their own: on the class path and on the module path, with native
 * access and without. Runs on the older Java too, where the answer is always the same.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class SelectionTest {
    private static final boolean NEW_ENOUGH = Runtime.version().feature() >= 22;

    private static final String PROGRAM = """
            import io.millio.transport.Transport;
            public class Ask {
                public static void main(String[] args) {
                    System.out.println(Transport.best().name());
                    System.out.println(Transport.available());
                }
            }
            """;

    @TempDir
    static Path directory = Path.of("set by JUnit");

    private final Path core = codeOf("mill-io");
    private final Path linux = codeOf("mill-io-linux");

    private static Path codeOf(String module) {
        return Path.of("..", module, "target", "classes").toAbsolutePath().normalize();
    }

    @BeforeAll
    static void writeProgram() throws IOException {
        Files.writeString(directory.resolve("Ask.java"), PROGRAM);
    }

    private String ask(String... options) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(javaHome().resolve("bin/java").toString()));
        command.addAll(List.of(options));
        command.add(directory.resolve("Ask.java").toString());
        return outputOf(command);
    }

    private static Path javaHome() {
        return Path.of(System.getProperty("java.home"));
    }

    private static String outputOf(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private String[] classPath(String... more) {
        return with(List.of("-cp", core + ":" + linux), more);
    }

    private String[] modulePath(String... more) {
        return with(List.of("-p", core + ":" + linux, "--add-modules", "io.millio.linux"), more);
    }

    private static String[] with(List<String> options, String... more) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** Two lines and nothing else: no warning from Java, no trace. */
    private static void assertPassedOver(String output, String reason) {
        assertThat(output.lines()).hasSize(2);
        assertThat(output).startsWith("nio\n").contains(reason);
    }

    @Test
    void withoutNativeAccessItIsNioWithoutAWord() throws Exception {
        String reason = NEW_ENOUGH ? "--enable-native-access=" : "more recent version of the Java Runtime";
        assertPassedOver(ask(classPath()), reason);
        assertPassedOver(ask(modulePath()), reason);
    }

    @Test
    void withNativeAccessItIsEpoll() throws Exception {
        assumeTrue(NEW_ENOUGH, "there is no native access before Java 22");
        assertThat(ask(classPath("--enable-native-access=ALL-UNNAMED"))).startsWith("epoll\n");
        assertThat(ask(modulePath("--enable-native-access=io.millio.linux"))).startsWith("epoll\n");
    }

    @Test
    void thePropertyForcesNio() throws Exception {
        assumeTrue(NEW_ENOUGH, "there is no native access before Java 22");
        assertThat(ask(classPath("--enable-native-access=ALL-UNNAMED", "-Dmillio.transport=nio")))
                .startsWith("nio\n");
    }

    @Test
    void whereNativeAccessIsDeniedItIsNioWithoutAWord() throws Exception {
        assumeTrue(Runtime.version().feature() >= 24, "the option is of Java 24");
        assertPassedOver(ask(classPath("--illegal-native-access=deny")), "--enable-native-access=ALL-UNNAMED");
        assertPassedOver(ask(modulePath("--illegal-native-access=deny")), "--enable-native-access=io.millio.linux");
    }

    @Test
    void anImageWithTheModuleWorks() throws Exception {
        assumeTrue(NEW_ENOUGH, "there is no native access before Java 22");
        Path image = directory.resolve("image");
        outputOf(List.of(
                javaHome().resolve("bin/jlink").toString(),
                "-p",
                core + ":" + linux,
                "--add-modules",
                "io.millio.linux,jdk.compiler", // the compiler for the program of this test
                "--output",
                image.toString()));
        String output = outputOf(List.of(
                image.resolve("bin/java").toString(),
                "--enable-native-access=io.millio.linux",
                "--add-modules",
                "io.millio.linux",
                directory.resolve("Ask.java").toString()));
        assertThat(output).startsWith("epoll\n");
    }
}
