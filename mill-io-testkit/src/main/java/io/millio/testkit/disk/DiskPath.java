package io.millio.testkit.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A path, relative or from the root: names that are separated by slashes. */
record DiskPath(DiskFileSystem getFileSystem, boolean isAbsolute, List<String> names) implements Path {
    static DiskPath of(DiskFileSystem files, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new InvalidPathException(text, "it has a NUL");
        }
        List<String> names =
                Stream.of(text.split("/")).filter(name -> !name.isEmpty()).toList();
        return new DiskPath(files, text.startsWith("/"), names);
    }

    private DiskPath with(boolean absolute, List<String> others) {
        return new DiskPath(getFileSystem, absolute, List.copyOf(others));
    }

    private DiskPath own(Path other) {
        if (other instanceof DiskPath path && path.getFileSystem == getFileSystem) {
            return path;
        }
        throw new ProviderMismatchException("path: " + other + " is not of " + getFileSystem);
    }

    @Override
    public @Nullable Path getRoot() {
        return isAbsolute ? with(true, List.of()) : null;
    }

    @Override
    public @Nullable Path getFileName() {
        return names.isEmpty() ? null : getName(names.size() - 1);
    }

    @Override
    public @Nullable Path getParent() {
        int count = names.size() - 1;
        return count < 0 || count == 0 && !isAbsolute ? null : with(isAbsolute, names.subList(0, count));
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public Path getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public Path subpath(int begin, int end) {
        if (begin < 0 || end > names.size() || begin >= end) {
            throw new IllegalArgumentException("begin: " + begin + ", end: " + end + ", of " + names.size() + " names");
        }
        return with(false, names.subList(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof DiskPath path
                && path.getFileSystem == getFileSystem
                && path.isAbsolute == isAbsolute
                && Collections.indexOfSubList(names, path.names) == 0;
    }

    @Override
    public boolean endsWith(Path other) {
        return other instanceof DiskPath
                && (other.isAbsolute() ? other.equals(this) : ("/" + this).endsWith("/" + other));
    }

    @Override
    public DiskPath normalize() {
        List<String> kept = new ArrayList<>();
        for (String name : names) {
            boolean up = name.equals("..");
            if (up && !kept.isEmpty() && !kept.get(kept.size() - 1).equals("..")) {
                kept.remove(kept.size() - 1);
            } else if (!name.equals(".") && !(up && isAbsolute)) {
                kept.add(name);
            }
        }
        return with(isAbsolute, kept);
    }

    @Override
    public Path resolve(Path other) {
        DiskPath path = own(other);
        return path.isAbsolute
                ? path
                : with(
                        isAbsolute,
                        Stream.concat(names.stream(), path.names.stream()).toList());
    }

    @Override
    public Path relativize(Path other) {
        DiskPath path = own(other);
        if (path.isAbsolute != isAbsolute) {
            throw new IllegalArgumentException("other: " + other + ", must be absolute as " + this + " is, or not");
        }
        int common = 0;
        while (common < Math.min(names.size(), path.names.size())
                && names.get(common).equals(path.names.get(common))) {
            common++;
        }
        List<String> way = new ArrayList<>(Collections.nCopies(names.size() - common, ".."));
        way.addAll(path.names.subList(common, path.names.size()));
        return with(false, way);
    }

    @Override
    public URI toUri() {
        return URI.create(getFileSystem.provider().getScheme() + ":" + toAbsolutePath());
    }

    @Override
    public DiskPath toAbsolutePath() {
        return isAbsolute ? this : with(true, names);
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
        DiskPath real = getFileSystem.perform(this);
        getFileSystem.find(real);
        return real;
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new ProviderMismatchException("a simulated disk has no watch service");
    }

    @Override
    public int compareTo(Path other) {
        return toString().compareTo(own(other).toString());
    }

    @Override
    public String toString() {
        return (isAbsolute ? "/" : "") + String.join("/", names);
    }
}
