package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.millio.testkit.SimNetwork;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles and runs the programs of the guides, and looks up their links. A program stands behind {@code <!-- run -->};
 * the text block that follows it is what it prints. A file of a tutorial stands behind {@code <!-- file: PATH -->}.
 */
@Tag("once")
class DocsTest {
    private static final Path ROOT = root();
    private static final Pattern PROGRAM =
            Pattern.compile("<!-- run -->\\n```java\\n(.*?)```\\n(?:\\n```text\\n(.*?)```)?", Pattern.DOTALL);
    private static final Pattern FILE = Pattern.compile("<!-- file: (.*?) -->\\n```\\w+\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern CLASS = Pattern.compile("(?m)^(?:public )?(?:final )?class (\\w+)");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    @TempDir
    private Path folder;

    private static Path root() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("docs").resolve("guide"))) {
                return at;
            }
        }
        throw new IllegalStateException("no docs/guide above " + Path.of("").toAbsolutePath());
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(top, docs.filter(page -> !page.toString().contains("node_modules")))
                    .filter(page -> page.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    @TestFactory
    List<DynamicTest> programsOfTheGuidesPrintWhatTheGuidesSay() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : pages()) {
            Matcher program = PROGRAM.matcher(Files.readString(page));
            while (program.find()) {
                String source = program.group(1);
                String printed = program.group(2);
                String name = nameOf(source);
                tests.add(dynamicTest(
                        page.getFileName() + ": " + name,
                        () -> assertThat(outputOf(name, source)).isEqualTo(printed)));
            }
        }
        assertThat(tests).as("programs in the guides").hasSizeGreaterThanOrEqualTo(5);
        return tests;
    }

    @Test
    void theFirstProgramOfTheReadmeCompiles() throws Exception {
        String readme = Files.readString(ROOT.resolve("README.md"));
        int start = readme.indexOf("```java\n") + "```java\n".length();
        compile(folder, "Hello", readme.substring(start, readme.indexOf("```", start)));
        assertThat(readme.lines().count()).as("lines of README.md").isLessThanOrEqualTo(150);
    }

    @Test
    void theTutorialFindsItsBugAndItsCorrectionPasses() throws Exception {
        String tutorial = Files.readString(ROOT.resolve("docs/guide/simulation.md"));
        String test = file(tutorial, "src/test/java/demo/GreeterTest.java");

        Path first = Files.createDirectory(folder.resolve("first"));
        compile(first, "demo/Greeter", file(tutorial, "src/main/java/demo/Greeter.java"), "demo/GreeterTest", test);
        // Not by the seed that it names: this build also interleaves. ./run release --dry looks for that one.
        assertThat(firstFailure(first)).isPresent();

        Path mended = Files.createDirectory(folder.resolve("mended"));
        compile(
                mended,
                "demo/Greeter",
                file(tutorial, "src/main/java/demo/Greeter.java, mended"),
                "demo/GreeterTest",
                test);
        assertThat(firstFailure(mended)).isEmpty();
    }

    @Test
    void linksLeadToFilesAndHeadingsThatExist() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = LINK.matcher(withoutCode(Files.readString(page)));
            while (link.find()) {
                String target = link.group(1);
                if (!target.contains("://") && !leadsSomewhere(page, target)) {
                    broken.add(ROOT.relativize(page) + ": " + target);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        int hash = link.indexOf('#');
        String path = hash < 0 ? link : link.substring(0, hash);
        Path to = path.isEmpty() ? page : page.resolveSibling(path).normalize();
        if (!Files.exists(to)) {
            return false;
        }
        return hash < 0 || !to.toString().endsWith(".md") || anchors(to).contains(link.substring(hash + 1));
    }

    /** As GitHub makes them. */
    private static List<String> anchors(Path page) throws IOException {
        return HEADING.matcher(withoutCode(Files.readString(page)))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private static String withoutCode(String page) {
        return page.replaceAll("(?s)```.*?```", "");
    }

    private static String nameOf(String source) {
        Matcher found = CLASS.matcher(source);
        assertThat(found.find()).as(source).isTrue();
        return found.group(1);
    }

    private static String file(String page, String path) {
        return FILE.matcher(page)
                .results()
                .filter(file -> file.group(1).equals(path))
                .map(file -> file.group(2))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no file " + path));
    }

    /** Compiles sources, each behind its name, to a folder. */
    private static void compile(Path to, String... namesAndSources) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "-d", to.toString(), "-proc:none", "-Xlint:rawtypes,unchecked,deprecation", "-Werror", "-classpath"));
        arguments.add(Stream.of("java.class.path", "jdk.module.path")
                .map(name -> System.getProperty(name, ""))
                .filter(path -> !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator)));
        for (int i = 0; i < namesAndSources.length; i += 2) {
            Path file = to.resolve(namesAndSources[i] + ".java");
            Files.createDirectories(file.getParent());
            Files.writeString(file, namesAndSources[i + 1]);
            arguments.add(file.toString());
        }
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(messages, true, StandardCharsets.UTF_8);
        int status = ToolProvider.findFirst("javac").orElseThrow().run(out, out, arguments.toArray(String[]::new));
        assertThat(status).as(messages.toString(StandardCharsets.UTF_8)).isZero();
    }

    private static URLClassLoader loader(Path classes) throws IOException {
        return new URLClassLoader(new URL[] {classes.toUri().toURL()}, DocsTest.class.getClassLoader());
    }

    private String outputOf(String name, String source) throws Exception {
        Path classes = Files.createTempDirectory(folder, name);
        compile(classes, name, source);
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (URLClassLoader loader = loader(classes);
                PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    /** The first of a hundred seeds under which the test of the tutorial fails. */
    private static Optional<Long> firstFailure(Path classes) throws Exception {
        try (URLClassLoader loader = loader(classes)) {
            Class<?> test = loader.loadClass("demo.GreeterTest");
            Method method = test.getDeclaredMethod("greetsByName", SimNetwork.class);
            method.setAccessible(true);
            var constructor = test.getDeclaredConstructor();
            constructor.setAccessible(true);
            for (long seed = 1; seed <= 100; seed++) {
                try (SimNetwork network = SimNetwork.seeded(seed)) {
                    method.invoke(constructor.newInstance(), network);
                } catch (InvocationTargetException e) {
                    if (e.getCause() instanceof AssertionError) {
                        return Optional.of(seed);
                    }
                    throw e;
                }
            }
            return Optional.empty();
        }
    }
}
