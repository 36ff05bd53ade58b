package io.millio.testkit.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/** What {@link java.nio.file.Files} calls. Found by the paths only: there is one for each disk. */
final class DiskProvider extends FileSystemProvider {
    private final DiskFileSystem disk;

    DiskProvider(DiskFileSystem disk) {
        this.disk = disk;
    }

    // ---- files

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        if (attributes.length > 0 || options.contains(StandardOpenOption.DELETE_ON_CLOSE)) {
            throw new UnsupportedOperationException("attributes, and to delete on closing: not on a simulated disk");
        }
        DiskPath real = disk.perform(path);
        boolean appends = options.contains(StandardOpenOption.APPEND);
        boolean writes = appends || options.contains(StandardOpenOption.WRITE);
        boolean createsNew = writes && options.contains(StandardOpenOption.CREATE_NEW);
        boolean creates = writes && options.contains(StandardOpenOption.CREATE) && !disk.files.containsKey(real);
        DiskFile file = createsNew || creates ? disk.create(real, false) : disk.find(real);
        if (file.isDirectory) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
        if (writes && options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
            file.truncate(0, disk.access.now());
        }
        boolean reads = !writes || options.contains(StandardOpenOption.READ);
        return new DiskChannel(disk, real, file, reads, writes, appends);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        DiskFile unused = disk.create(disk.perform(path), true);
    }

    @Override
    public void delete(Path path) throws IOException {
        DiskPath real = disk.perform(path);
        disk.find(real);
        checkEmpty(real);
        disk.files.remove(real);
    }

    private void checkEmpty(DiskPath real) throws DirectoryNotEmptyException {
        if (real.getParent() == null || disk.files.keySet().stream().anyMatch(each -> real.equals(each.getParent()))) {
            throw new DirectoryNotEmptyException(real.toString());
        }
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter) {
        throw new UnsupportedOperationException("a simulated disk lists no directories");
    }

    /** Moves a file, or an empty directory. */
    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        DiskPath from = disk.perform(source);
        DiskPath to = disk.real(target);
        DiskFile file = disk.find(from);
        checkEmpty(from);
        if (from.equals(to)) {
            return;
        }
        if (options.length > 0 && disk.files.containsKey(to)) { // to replace it, or atomically, which replaces it, too
            checkEmpty(to);
        } else {
            disk.checkVacant(to);
        }
        disk.files.remove(from);
        disk.files.put(to, file);
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw new UnsupportedOperationException("a simulated disk copies no files");
    }

    // ---- attributes

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        DiskFile file = disk.find(disk.perform(path));
        if (!file.isDirectory && Arrays.asList(modes).contains(AccessMode.EXECUTE)) {
            throw new AccessDeniedException(path.toString());
        }
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        if (type != BasicFileAttributes.class) {
            throw new UnsupportedOperationException("type: " + type + ", a simulated disk has basic attributes");
        }
        return type.cast(disk.find(disk.perform(path)).attributes());
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        throw new UnsupportedOperationException("a simulated disk lets no attributes be set");
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) {
        throw new UnsupportedOperationException("attributes: " + attributes + ", not by name on a simulated disk");
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new UnsupportedOperationException("attribute: " + attribute + ", not by name on a simulated disk");
    }

    @Override
    public boolean isSameFile(Path path, Path other) {
        return disk.real(path).equals(disk.real(other));
    }

    @Override
    public boolean isHidden(Path path) {
        return String.valueOf(path.getFileName()).startsWith(".");
    }

    // ---- file systems

    @Override
    public String getScheme() {
        return "simdisk";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException("a simulated disk is made by its host");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return disk;
    }

    @Override
    public Path getPath(URI uri) {
        return DiskPath.of(disk, uri.getPath());
    }

    @Override
    public FileStore getFileStore(Path path) {
        throw new UnsupportedOperationException("a simulated disk has no file store");
    }
}
