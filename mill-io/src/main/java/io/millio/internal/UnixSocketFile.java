package io.millio.internal;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The file that a Unix-domain listener was bound to.
 *
 * @param key distinguishes the file from one that replaces it, by device and inode for instance; null where the file
 *     system has no such key
 */
public record UnixSocketFile(Path path, @Nullable Object key) {
    /** Opens a listener. */
    @FunctionalInterface
    public interface Opener<T> {
        T open() throws IOException;
    }

    /** Opens a listener at an address; deletes a stale file that is in the way, and tries once more. */
    public static <T> T openOverStale(UnixDomainSocketAddress address, Opener<T> opener) throws IOException {
        try {
            return opener.open();
        } catch (BindException e) {
            if (!deleteStale(address)) {
                throw e;
            }
            return opener.open();
        }
    }

    /** Returns the file that is at the path now. */
    public static UnixSocketFile at(Path path) throws IOException {
        return new UnixSocketFile(path, attributes(path).fileKey());
    }

    /**
     * Deletes the file at an address if it is a socket without a listener: left over from a process that ended without
     * closing it. Returns whether it was.
     */
    static boolean deleteStale(UnixDomainSocketAddress address) throws IOException {
        Path path = address.getPath();
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS) || !attributes(path).isOther()) {
            return false;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false); // so that a full backlog does not block: it is a sign of life
            probe.connect(address);
            return false;
        } catch (ConnectException e) {
            Files.deleteIfExists(path);
            return true;
        } catch (IOException e) {
            return false; // there is a listener, with a full backlog, say, or behind permissions
        }
    }

    /** Deletes the file, unless it is gone or has been replaced by that of another server. */
    public void unlink() throws IOException {
        try {
            if (key == null || key.equals(attributes(path).fileKey())) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // already deleted
        }
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }
}
