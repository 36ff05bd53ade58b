package io.millio.linux;

import io.millio.linux.sys.Libc;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Takes over sockets that systemd opened before it started this process, so that a restart refuses no connection: see
 * systemd.socket(5) and sd_listen_fds(3). They work on loops of the epoll transport.
 */
public final class SocketActivation {
    private static final int FIRST_DESCRIPTOR = 3;

    // Set once, by the thread that takes the sockets over.
    private static final AtomicBoolean TAKEN = new AtomicBoolean();

    private SocketActivation() {}

    /**
     * A socket that was passed on.
     *
     * @param name the name that the socket unit gives it (FileDescriptorName=); "unknown" without one
     * @param source a {@link TcpListener} or an {@link io.millio.transport.UdpSocket}, by what it is
     */
    public record Passed(String name, Source source) {}

    /**
     * The sockets that were passed to this process, in their order; none if it was not started that way. To be called
     * once: the caller closes them, as if it had opened them. Their files, those of Unix-domain sockets, stay.
     *
     * @throws IllegalStateException if they were taken over before: their numbers may be other descriptors' by now
     * @throws IOException if a descriptor is not a listening or a datagram socket; then all of them are closed
     */
    public static List<Passed> sockets() throws IOException {
        return sockets(System.getenv(), ProcessHandle.current().pid(), FIRST_DESCRIPTOR, TAKEN);
    }

    /** The listening sockets among {@link #sockets}; others are closed. */
    public static List<TcpListener> listeners() throws IOException {
        List<TcpListener> listeners = new ArrayList<>();
        for (Passed passed : sockets()) {
            if (passed.source() instanceof TcpListener listener) {
                listeners.add(listener);
            } else {
                passed.source().close();
            }
        }
        return listeners;
    }

    static List<Passed> sockets(Map<String, String> environment, long pid, int first, AtomicBoolean taken)
            throws IOException {
        if (!Long.toString(pid).equals(environment.get("LISTEN_PID"))) {
            return List.of();
        }
        EpollTransportProvider.checkUsable();
        int count = count(environment.getOrDefault("LISTEN_FDS", "0"));
        if (!taken.compareAndSet(false, true)) {
            throw new IllegalStateException("the sockets that were passed to this process are taken over already");
        }
        String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
        List<Passed> passed = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                String name = i < names.length && !names[i].isEmpty() ? names[i] : "unknown";
                passed.add(new Passed(name, AdoptedSocket.withoutPeer(first + i)));
            }
            return List.copyOf(passed);
        } catch (IOException | RuntimeException e) {
            for (Passed each : passed) {
                each.source().close();
            }
            for (int i = passed.size(); i < count; i++) {
                Libc.close(first + i);
            }
            throw e;
        }
    }

    private static int count(String text) {
        try {
            int count = Integer.parseInt(text);
            if (count >= 0 && count <= 10_000) {
                return count;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new IllegalArgumentException("LISTEN_FDS: " + text + ", must be a number from 0 to 10000");
    }
}
