package io.millio.testkit.disk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * The files and directories of one disk, by their paths. Without links, permissions, locks, mapped files, listings of
 * directories and watch services; never closed.
 */
public final class DiskFileSystem extends FileSystem {
    private final String name;
    final DiskAccess access;
    private final DiskProvider provider = new DiskProvider(this);
    final NavigableMap<Path, DiskFile> files = new TreeMap<>();
    final Set<DiskChannel> channels = new LinkedHashSet<>();
    private final Map<Path, Long> broken = new HashMap<>(); // looked up only
    private long capacity = Long.MAX_VALUE;
    private long keys;

    /** Makes an empty one; the name is for messages. */
    public DiskFileSystem(String name, DiskAccess access) {
        this.name = name;
        this.access = access;
        files.put(root(), new DiskFile(true, keys++, access.now()));
    }

    // ---- how it is

    /** Returns the root directory. */
    public Path root() {
        return DiskPath.of(this, "/");
    }

    /** How many bytes the files may have together. */
    public void limit(long bytes) {
        capacity = bytes;
    }

    /** Breaks a byte of a file, which need not exist yet. */
    public void breakAt(Path file, long position) {
        broken.put(real(file), position);
    }

    /** Returns the files that are open, in the order in which they were opened. */
    public List<Path> openFiles() {
        return channels.stream().map(DiskChannel::file).toList();
    }

    /** Forgets the files that are open: the programs that had opened them are gone. */
    public void forgetOpenFiles() {
        channels.clear();
    }

    // ---- for provider and channels

    /** The absolute path without dot segments. */
    DiskPath real(Path path) {
        if (path instanceof DiskPath own && own.getFileSystem() == this) {
            return own.toAbsolutePath().normalize();
        }
        throw new ProviderMismatchException("path: " + path + " is not of " + this);
    }

    /** Begins an operation on a path by which a file is opened, looked at, moved or the like. */
    DiskPath perform(Path path) throws IOException {
        DiskPath real = real(path);
        if (!access.perform(real)) {
            throw new FileSystemException(path.toString(), null, "Input/output error");
        }
        return real;
    }

    DiskFile find(Path real) throws NoSuchFileException {
        DiskFile file = files.get(real);
        if (file == null) {
            throw new NoSuchFileException(real.toString());
        }
        return file;
    }

    DiskFile create(DiskPath real, boolean isDirectory) throws IOException {
        checkVacant(real);
        DiskFile file = new DiskFile(isDirectory, keys++, access.now());
        files.put(real, file);
        return file;
    }

    /** Checks that a file can be given this name. */
    void checkVacant(DiskPath real) throws IOException {
        if (files.containsKey(real)) {
            throw new FileAlreadyExistsException(real.toString());
        }
        Path parent = real.getParent();
        if (parent != null && !find(parent).isDirectory) {
            throw new NotDirectoryException(parent.toString());
        }
    }

    /** Returns where a broken byte is; the highest long where none is. */
    long brokenAt(Path real) {
        return broken.getOrDefault(real, Long.MAX_VALUE);
    }

    /** Returns how many bytes more the files may have. */
    long room() {
        return capacity - files.values().stream().mapToLong(DiskFile::size).sum();
    }

    // ---- FileSystem

    @Override
    public DiskProvider provider() {
        return provider;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("a simulated disk is not closed");
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(root());
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic");
    }

    @Override
    public Path getPath(String first, String... more) {
        return DiskPath.of(this, more.length == 0 ? first : first + "/" + String.join("/", more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
        throw new UnsupportedOperationException("a simulated disk has no path matchers");
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException("a simulated disk has no users");
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("a simulated disk has no watch service");
    }

    @Override
    public String toString() {
        return name;
    }
}
