package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.linux.sys.FileNames;
import io.millio.transport.Transport;
import io.millio.watch.FileEvent;
import io.millio.watch.FileWatcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of files that are no text in the encoding of the process. */
@Timeout(60)
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
@EnabledForJreRange(minVersion = 22, disabledReason = "a transport for Java 22")
class FileNamesTest {
    /**
     * Has files made whose names are text in Latin-1, in UTF-8, and in ASCII; each is reported, and written to, in
     * turn.
     */
    static final class Watch {
        private static final String MAKE = "cd \"$0\" && echo x > \"$(printf $1)\"";

        private Watch() {}

        public static void main(String[] directory) throws IOException, InterruptedException {
            List<FileEvent> events = new ArrayList<>();
            List<String> errors = new ArrayList<>();
            try (EventLoop loop = EventLoop.builder()
                    .transport(Transport.named("epoll"))
                    .direct()
                    .build()) {
                FileWatcher watcher = FileWatcher.builder(loop)
                        .add(Path.of(directory[0]), true)
                        .backend("inotify")
                        .listener(events::add)
                        .errorListener(error -> errors.add(error.toString()))
                        .start();
                while (!watcher.ready().isDone()) {
                    loop.runOnce();
                }
                int expected = 0;
                for (String name : new String[] {"\\374", "\\303\\274", "ascii", "\\374", "last"}) {
                    new ProcessBuilder("sh", "-c", MAKE, directory[0], name)
                            .start()
                            .waitFor();
                    expected = events.size() + 1;
                    while (events.size() < expected && errors.isEmpty()) {
                        loop.runOnce();
                    }
                }
                events.forEach(event -> System.out.println(event.kind() + " "
                        + Objects.requireNonNull(event.path()).toUri().getRawPath()));
                System.out.println("errors " + errors);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void eachIsReportedByItsBytes(String locale, @TempDir Path directory) throws Exception {
        String output = ForkedJava.output(Watch.class, Map.of("LC_ALL", locale), List.of(), directory.toString());
        assertThat(output)
                .containsSubsequence(
                        "CREATED " + directory + "/%FC",
                        "CREATED " + directory + "/%C3%BC",
                        "CREATED " + directory + "/ascii",
                        "MODIFIED " + directory + "/%FC",
                        "CREATED " + directory + "/last",
                        "errors []");
    }

    @Test
    void aPathGivesTheBytesThatMadeIt() {
        Path directory = Path.of("/some/directory");
        for (byte[] name :
                new byte[][] {{'a'}, {(byte) 0xC3, (byte) 0xBC}, {(byte) 0xFC, '%', ' ', '?', '#'}, {-1, -2}}) {
            Path path = FileNames.resolve(directory, name);
            byte[] expected = new byte["/some/directory/".length() + name.length];
            System.arraycopy(
                    "/some/directory/".getBytes(StandardCharsets.US_ASCII),
                    0,
                    expected,
                    0,
                    "/some/directory/".length());
            System.arraycopy(name, 0, expected, "/some/directory/".length(), name.length);
            assertThat(FileNames.bytes(path)).isEqualTo(expected);
            assertThat(path.getParent()).isEqualTo(directory);
        }
        assertThat(FileNames.bytes(FileNames.resolve(Path.of("/"), new byte[] {-1})))
                .containsExactly('/', -1);
    }
}
