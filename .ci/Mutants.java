import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.pitest.classinfo.ClassName;
import org.pitest.mutationtest.EngineArguments;
import org.pitest.mutationtest.engine.Mutater;
import org.pitest.mutationtest.engine.MutationDetails;
import org.pitest.mutationtest.engine.gregor.config.GregorEngineFactory;

/**
 * Draws mutants from the list of PIT's default mutators, and writes the class of one. Used by {@code .ci/mutants}.
 *
 * <pre>
 *   Mutants draw SEED COUNT CLASSES...        prints COUNT lines "number class#method:line mutator: description"
 *   Mutants write SEED COUNT NUMBER CLASSES...  replaces the class of that mutant in its directory, prints the line
 * </pre>
 */
final class Mutants {
    private record Found(Path classes, MutationDetails details, Mutater mutater) {
        String key() {
            return details.getClassName().asJavaName() + "#" + details.getMethod() + ":" + details.getLineNumber();
        }

        @Override
        public String toString() {
            String mutator = details.getMutator();
            return key() + " " + mutator.substring(mutator.lastIndexOf('.') + 1) + ": " + details.getDescription();
        }
    }

    private static List<Path> directories = List.of();

    private Mutants() {}

    public static void main(String[] args) throws Exception {
        boolean writes = args[0].equals("write");
        List<Found> all = new ArrayList<>();
        directories =
                Stream.of(args).skip(writes ? 4 : 3).map(Path::of).toList();
        for (Path each : directories) {
            list(each, all);
        }
        List<Found> drawn = new ArrayList<>(all);
        Collections.shuffle(drawn, new Random(Long.parseLong(args[1])));
        drawn = drawn.subList(0, Integer.parseInt(args[2]));
        if (!writes) {
            System.err.println(all.size() + " mutants");
            for (int i = 0; i < drawn.size(); i++) {
                System.out.println(i + 1 + " " + drawn.get(i));
            }
            return;
        }
        Found found = drawn.get(Integer.parseInt(args[3]) - 1);
        Path file = found.classes.resolve(found.details.getClassName().asInternalName() + ".class");
        Files.write(file, found.mutater.getMutation(found.details.getId()).getBytes());
        System.out.println(found);
    }

    /** The class is of one of the directories, or of the platform: frames are computed from superclasses. */
    private static Optional<byte[]> bytes(String file) {
        try {
            for (Path each : directories) {
                if (Files.exists(each.resolve(file))) {
                    return Optional.of(Files.readAllBytes(each.resolve(file)));
                }
            }
            try (InputStream platform = ClassLoader.getSystemResourceAsStream(file)) {
                return platform == null ? Optional.empty() : Optional.of(platform.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void list(Path classes, List<Found> to) throws Exception {
        Mutater mutater = new GregorEngineFactory()
                .createEngine(EngineArguments.arguments())
                .createMutator(name -> bytes(name.replace('.', '/') + ".class"));
        try (Stream<Path> files = Files.walk(classes)) {
            files.filter(file -> file.toString().endsWith(".class") && !file.endsWith("module-info.class"))
                    .map(file -> classes.relativize(file).toString().replace('/', '.'))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .filter(name -> !name.endsWith("package-info"))
                    .sorted()
                    .flatMap(name -> mutater.findMutations(ClassName.fromString(name)).stream())
                    .map(details -> new Found(classes, details, mutater))
                    .sorted(Comparator.comparing(Found::toString).thenComparing(f -> f.details.getFirstIndex()))
                    .forEach(to::add);
        }
    }
}
