package io.millio.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Random changes of a tree, before and while it is looked at. */
class SnapshotSwarmTest extends SnapshotCase {
    @Test
    void whateverHappensMeanwhileTheEventsAddUpToWhatIsThere() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            Path tree = Files.createDirectory(base.resolve("tree" + seed));
            Changes changes = new Changes(new Random(seed), tree);
            for (int i = 0; i < 10; i++) {
                changes.one();
            }
            meanwhile = null;
            refuses = seed % 2 == 0;
            Snapshot snapshot = snapshot(tree);
            try {
                for (int look = 0; look < 20; look++) {
                    for (int i = changes.random.nextInt(4); i > 0; i--) {
                        changes.one();
                    }
                    meanwhile = changes;
                    replay(snapshot.look(changes.hints()));
                    meanwhile = null;
                }
                replay(snapshot.look(List.of(EVERYWHERE)));
                assertThat(replayed).isEqualTo(files(tree));
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** Changes of a small tree, and true, late and false hints. */
    private static final class Changes implements Runnable {
        final Random random;
        private final Path tree;
        private final List<WatchHint> heard = new ArrayList<>();
        private int cookie;

        Changes(Random random, Path tree) {
            this.random = random;
            this.tree = tree;
        }

        @Override
        public void run() {
            if (random.nextInt(4) == 0) {
                try {
                    one();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        private Path any() {
            Path path = tree;
            for (int i = random.nextInt(3); i >= 0; i--) {
                path = path.resolve("abc".substring(random.nextInt(3)).substring(0, 1));
            }
            return path;
        }

        /** Of directories, not of links to them: what is changed by way of a link is heard of nowhere. */
        private boolean canHold(Path directory) {
            return directory.equals(tree) || (isDirectory(directory) && canHold(parent(directory)));
        }

        void one() throws IOException {
            Path path = any();
            if (!canHold(parent(path))) {
                return;
            }
            if (!exists(path)) {
                switch (random.nextInt(5)) {
                    case 0 -> Files.createFile(path);
                    case 1 -> Files.createSymbolicLink(path, any());
                    default -> Files.createDirectory(path);
                }
                hear(WatchHint.Kind.CHANGED, path);
            } else if (random.nextInt(3) == 0) {
                Path to = any();
                if (!exists(to) && canHold(parent(to)) && !to.startsWith(path)) {
                    Files.move(path, to);
                    cookie++;
                    hear(WatchHint.Kind.MOVED_FROM, path);
                    hear(WatchHint.Kind.MOVED_TO, to);
                }
            } else if (random.nextBoolean()) {
                for (Path each : new TreeSet<>(files(path).keySet())) {
                    hear(WatchHint.Kind.CHANGED, each);
                }
                if (isDirectory(path)) {
                    heard.add(WatchHint.gone(path));
                }
                deleteTree(path);
                hear(WatchHint.Kind.CHANGED, path);
            } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                Files.writeString(path, "x".repeat(random.nextInt(3)));
                hear(WatchHint.Kind.MODIFIED, path);
            }
        }

        private void hear(WatchHint.Kind kind, Path path) {
            boolean move = kind == WatchHint.Kind.MOVED_FROM || kind == WatchHint.Kind.MOVED_TO;
            heard.add(new WatchHint(kind, parent(path), path.getFileName(), move ? cookie : 0));
        }

        /** Most of what was heard; some of it again, or of something else. */
        List<WatchHint> hints() {
            List<WatchHint> hints = new ArrayList<>(heard);
            heard.clear();
            for (int i = random.nextInt(4); i > 0; i--) {
                Path path = any();
                Path name = Objects.requireNonNull(path.getFileName());
                hints.add(
                        random.nextInt(hints.size() + 1),
                        random.nextBoolean()
                                ? WatchHint.gone(path)
                                : WatchHint.entry(WatchHint.Kind.CHANGED, parent(path), name));
            }
            if (!hints.isEmpty() && random.nextInt(3) == 0) {
                hints.remove(random.nextInt(hints.size()));
            }
            return hints;
        }
    }
}
