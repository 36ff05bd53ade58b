package io.millio.transport.nio;

import io.millio.internal.UnixSocketFile;
import io.millio.transport.TcpListener;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** Listeners on Unix-domain sockets, which have a file to look after. */
final class NioUnix {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private NioUnix() {}

    static TcpListener listen(UnixDomainSocketAddress address, int backlog) throws IOException {
        try {
            return bind(address, backlog);
        } catch (BindException e) {
            if (!isStale(address)) {
                throw e;
            }
            Files.deleteIfExists(address.getPath());
            return bind(address, backlog);
        }
    }

    private static TcpListener bind(UnixDomainSocketAddress address, int backlog) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.configureBlocking(false);
            channel.bind(address, backlog);
            Path path = address.getPath();
            if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(path, OWNER_ONLY);
            }
            return new NioTcpListener(channel, UnixSocketFile.at(path));
        } catch (IOException | RuntimeException e) {
            throw NioErrors.closing(channel, e, "listening on " + address);
        }
    }

    /** Whether the file is a socket without a listener: left over from a process that ended without closing it. */
    private static boolean isStale(UnixDomainSocketAddress address) throws IOException {
        Path path = address.getPath();
        if (!UnixSocketFile.isSpecial(path)) {
            return false;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false); // so that a full backlog does not block: it is a sign of life
            probe.connect(address);
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            return false; // there is a listener, with a full backlog, say, or behind permissions
        }
    }
}
