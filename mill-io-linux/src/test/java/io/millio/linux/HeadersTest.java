package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.linux.sys.Architecture;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Layouts;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What this module believes of the system's headers is what a C compiler finds there. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class HeadersTest {
    private static final String INCLUDES = """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <netinet/in.h>
            #include <netinet/tcp.h>
            #include <poll.h>
            #include <stddef.h>
            #include <stdio.h>
            #include <string.h>
            #include <sys/epoll.h>
            #include <sys/eventfd.h>
            #include <sys/file.h>
            #include <sys/inotify.h>
            #include <sys/socket.h>
            #include <sys/stat.h>
            #include <sys/syscall.h>
            #include <sys/uio.h>
            #include <sys/un.h>
            #include <time.h>
            int main(void) {
            """;

    private final Map<String, String> expected = new LinkedHashMap<>();
    private final StringBuilder program = new StringBuilder(INCLUDES);

    private void number(String name, String expression, long value) {
        program.append("printf(\"")
                .append(name)
                .append(" %ld\\n\", (long)(int)(")
                .append(expression)
                .append("));\n");
        expected.put(name, Long.toString(value));
    }

    private static Map<String, Integer> constantsOf(Class<?> holder) throws IllegalAccessException {
        Map<String, Integer> constants = new LinkedHashMap<>();
        for (Field field : holder.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers())
                    && field.getType() == int.class
                    && Modifier.isPublic(field.getModifiers())) {
                constants.put(field.getName(), field.getInt(null));
            }
        }
        assertThat(constants).isNotEmpty();
        return constants;
    }

    /**
     * {@code MSGHDR__MSG_IOV} is where {@code msg_iov} stands in {@code struct msghdr}; {@code MSGHDR_SIZE} its size.
     */
    private static String layoutExpression(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        int cut = lower.indexOf("__");
        if (cut < 0) {
            return "sizeof(struct " + lower.substring(0, lower.length() - "_size".length()) + ")";
        }
        String struct = lower.substring(0, cut);
        String field = lower.substring(cut + 2);
        return "offsetof(struct " + struct + ", " + field + ")";
    }

    @Test
    void constantsLayoutsAndMessagesAreThoseOfTheHeaders(@TempDir Path directory) throws Exception {
        for (Map.Entry<String, Integer> each : constantsOf(Constants.class).entrySet()) {
            number(each.getKey(), each.getKey(), each.getValue());
        }
        for (Map.Entry<String, Integer> each : constantsOf(Layouts.class).entrySet()) {
            number(each.getKey(), layoutExpression(each.getKey()), each.getValue());
        }
        number("EPOLL_EVENT_SIZE", "sizeof(struct epoll_event)", Architecture.EPOLL_EVENT_BYTES);
        number("EPOLL_EVENT__DATA", "offsetof(struct epoll_event, data)", Architecture.EPOLL_EVENT_DATA);
        number("SYS_RECVFROM", "SYS_recvfrom", Architecture.SYS_RECVFROM);
        number("SYS_SENDTO", "SYS_sendto", Architecture.SYS_SENDTO);
        number("SYS_EPOLL_PWAIT2", "SYS_epoll_pwait2", Architecture.SYS_EPOLL_PWAIT2);
        for (Map.Entry<String, Integer> each : constantsOf(Errno.class).entrySet()) {
            number(each.getKey(), each.getKey(), each.getValue());
            String name = "text of " + each.getKey();
            program.append("printf(\"")
                    .append(name)
                    .append(" %s\\n\", strerror(")
                    .append(each.getKey())
                    .append("));\n");
            expected.put(name, Errno.message(each.getValue()));
        }
        program.append("return 0; }\n");

        assertThat(outputOf(directory)).isEqualTo(expected);
    }

    private Map<String, String> outputOf(Path directory) throws IOException, InterruptedException {
        Path source = Files.writeString(directory.resolve("headers.c"), program);
        Path binary = directory.resolve("headers");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "there is no C compiler at /usr/bin/cc");
        Process compiler = new ProcessBuilder("/usr/bin/cc", "-o", binary.toString(), source.toString())
                .redirectErrorStream(true)
                .start();
        String messages = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(compiler.waitFor()).as(messages).isZero();
        ProcessBuilder builder = new ProcessBuilder(binary.toString()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process run = builder.start();
        Map<String, String> found = new LinkedHashMap<>();
        List<String> lines = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        for (String line : lines) {
            int cut = line.startsWith("text of ") ? line.indexOf(' ', "text of ".length()) : line.indexOf(' ');
            found.put(line.substring(0, cut), line.substring(cut + 1));
        }
        assertThat(run.waitFor()).isZero();
        return found;
    }
}
