package io.millio.linux;

import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A program that receives more sockets than its limit of descriptors allows. */
final class TruncatedReceive {
    private static final int SENT = 100;

    private TruncatedReceive() {}

    static TcpStream accept(TcpListener listener) throws IOException {
        TcpStream accepted = listener.accept();
        while (accepted == null) {
            accepted = listener.accept();
        }
        return accepted;
    }

    /** The descriptors of this process that are sockets or pipes. */
    static Set<String> open() throws IOException {
        Set<String> found = new HashSet<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : all) {
                String target = Files.readSymbolicLink(each).toString();
                if (target.startsWith("socket:") || target.startsWith("pipe:")) {
                    found.add(each.getFileName() + " " + target);
                }
            }
        }
        return found;
    }

    public static void main(String[] arguments) throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(Path.of(arguments[0], "forked"));
        try (TcpListener meeting = LoopbackPair.epoll().openListener(address, 4);
                TcpStream sender = LoopbackPair.epoll().openStream(address);
                TcpStream receiver = accept(meeting);
                LoopbackPair pair = LoopbackPair.open()) {
            sender.finishConnect();
            SocketPassing.receive(receiver, ByteBuffer.allocate(1), 1); // loads classes, which takes descriptors, too
            List<Source> sent = Collections.nCopies(SENT, pair.stream());
            SocketPassing.send(sender, ByteBuffer.allocate(1), sent);
            open(); // loads what it needs
            String limit = "--nofile=" + (((EpollStream) pair.stream()).fd + SENT / 2);
            String pid = String.valueOf(ProcessHandle.current().pid());
            new ProcessBuilder("prlimit", "--pid", pid, limit).start().waitFor();
            Set<String> before = open();
            try {
                SocketPassing.receive(receiver, ByteBuffer.allocate(1), SENT);
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
            Set<String> after = open();
            after.removeAll(before);
            System.out.println("left open: " + after.size());
        }
    }
}
