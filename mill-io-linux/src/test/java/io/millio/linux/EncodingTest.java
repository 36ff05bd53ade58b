package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * File names and messages of the system in an encoding that is none of the standard ones. In a process of its own: the
 * encoding is found once.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
@EnabledForJreRange(minVersion = 22, disabledReason = "a transport for Java 22")
class EncodingTest {
    private static final String PROGRAM = """
            import io.millio.linux.Fd;
            import io.millio.linux.Inotify;
            import java.io.IOException;
            import java.nio.file.Path;
            public class Use {
                public static void main(String[] arguments) throws IOException {
                    System.setProperty("sun.jnu.encoding", "ISO-8859-15");
                    try (Inotify inotify = Inotify.open()) {
                        inotify.watch(Path.of(arguments[0]));
                        System.out.println(inotify);
                    }
                    try {
                        Fd.borrow(999_999);
                    } catch (IOException e) {
                        System.out.println(e.getMessage());
                    }
                }
            }
            """;

    private static String codeOf(String module) {
        return Path.of("..", module, "target", "classes")
                .toAbsolutePath()
                .normalize()
                .toString();
    }

    @Test
    void anEncodingThatMemoryCannotReadIsReadAllTheSame(@TempDir Path directory) throws Exception {
        Path program = Files.writeString(directory.resolve("Use.java"), PROGRAM);
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                codeOf("mill-io") + ":" + codeOf("mill-io-linux"),
                program.toString(),
                directory.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("inotify of 1 paths", "Bad file descriptor: using descriptor 999999");
    }
}
