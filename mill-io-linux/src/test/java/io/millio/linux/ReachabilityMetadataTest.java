package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What GraalVM's native-image must know ahead of the calls that {@code Function} links: one shape, and its options. The
 * options are read from the sources, as no method handle shows them.
 */
class ReachabilityMetadataTest {
    private static final String METADATA = "/META-INF/native-image/io.millio/mill-io-linux/reachability-metadata.json";
    private static final Pattern VARIADIC = Pattern.compile("variadic\\(\"\\w+\", (\\d+)\\)");

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static String downcall(String options) {
        return "{\"returnType\":\"jlong\",\"parameterTypes\":[\"jlong\",\"jlong\",\"jlong\",\"jlong\",\"jlong\",\"jlong\"],"
                + "\"options\":{\"captureCallState\":true" + options + "}}";
    }

    @Test
    void namesTheShapeOfAllCallsWithEachOfTheirOptions() throws IOException {
        SortedSet<Integer> fixedArguments = new TreeSet<>();
        for (Path source : sources()) {
            Matcher call = VARIADIC.matcher(Files.readString(source));
            while (call.find()) {
                fixedArguments.add(Integer.valueOf(call.group(1)));
            }
        }
        assertThat(fixedArguments).isNotEmpty();
        String expected = Stream.concat(
                        Stream.of(""), fixedArguments.stream().map(fixed -> ",\"firstVariadicArg\":" + fixed))
                .map(ReachabilityMetadataTest::downcall)
                .collect(Collectors.joining(",", "{\"foreign\":{\"downcalls\":[", "]}}"));
        try (InputStream in = ReachabilityMetadataTest.class.getResourceAsStream(METADATA)) {
            assertThat(in).as(METADATA).isNotNull();
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceAll("\\s", ""))
                    .isEqualTo(expected);
        }
    }

    @Test
    void noOtherClassLinksCalls() throws IOException {
        List<String> linking = new ArrayList<>();
        for (Path source : sources()) {
            if (Files.readString(source).contains("downcallHandle(")) {
                linking.add(source.getFileName().toString());
            }
        }
        assertThat(linking).containsExactly("Function.java");
    }
}
