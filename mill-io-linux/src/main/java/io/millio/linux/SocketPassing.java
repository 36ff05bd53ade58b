package io.millio.linux;

import io.millio.internal.Arguments;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.DescriptorMessages;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.SocketCalls;
import io.millio.transport.Source;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Passes open sockets to another process of this machine, over a Unix-domain stream of the epoll transport: TCP and
 * Unix-domain streams, listeners with their backlog, datagram sockets. See {@code SCM_RIGHTS} in unix(7).
 *
 * <p>A socket that was sent is open in both processes, until each closes it; nothing is sent to its peer by the first
 * close. So the sender keeps it until the receiver has confirmed it, without reading or writing it, and then calls
 * {@link #closePassed}; if the confirmation does not come, it goes on. Descriptors that are under way when the receiver
 * dies are closed by the system. What was read or queued for output in the sender does not travel with a socket.
 *
 * <p>Stateless. One thread at a time sends on a stream, and one receives; none of the calls waits.
 */
public final class SocketPassing {
    /** The most sockets that one call sends. */
    public static final int MAX_SOCKETS = DescriptorMessages.MAX_DESCRIPTORS;

    private SocketPassing() {}

    /**
     * What one call has received.
     *
     * @param bytes the number of bytes; 0 when none are there now; -1 at the end of input
     * @param sockets each a {@link io.millio.transport.TcpListener}, a {@link TcpStream} or an
     *     {@link io.millio.transport.UdpSocket}, in the order in which they were sent. They are the caller's, work on
     *     loops of the epoll transport, and close on exec. A stream that its peer has reset meanwhile has the wildcard
     *     address as its remote one. Closing a Unix-domain listener leaves its file.
     */
    public record Received(int bytes, List<Source> sockets) {
        /** Copies the list. */
        public Received {
            sockets = List.copyOf(sockets);
        }
    }

    /**
     * Checks that the process at the other end of a Unix-domain stream has the effective user of this one, as it was
     * when it connected or began to listen. Call it before anything is sent or received.
     *
     * @throws SecurityException if it has another one
     * @throws IllegalArgumentException if {@code over} is not a Unix-domain stream of the epoll transport
     */
    public static void checkSameUser(TcpStream over) throws IOException {
        EpollStream stream = unixStream(over);
        stream.begin();
        try {
            checkUser(SocketCalls.peerUser(stream.fd), SocketCalls.ownUser());
        } finally {
            stream.end();
        }
    }

    static void checkUser(int peer, int own) {
        if (peer != own) {
            throw new SecurityException("the peer has user " + Integer.toUnsignedString(peer) + ", must be "
                    + Integer.toUnsignedString(own) + ", the user of this process");
        }
    }

    /**
     * Sends bytes, and sockets with the first of them. The sockets stay open and registered.
     *
     * @param bytes at least one, so that there is something to send the sockets with; moves on by what the system took
     * @param sockets at most {@link #MAX_SOCKETS}
     * @return the number of bytes that the system took: if any, it took all sockets, and the remaining bytes are sent
     *     by further calls without them; 0 if it takes nothing now
     * @throws IllegalArgumentException if there are too many sockets, none of this transport, or no bytes, or
     *     {@code over} is not a Unix-domain stream of the epoll transport
     * @throws java.nio.channels.ClosedChannelException if {@code over} or a socket is closed; nothing is sent then
     * @throws IOException if it fails; none of the sockets has been sent then
     */
    public static int send(TcpStream over, ByteBuffer bytes, List<? extends Source> sockets) throws IOException {
        EpollStream stream = unixStream(over);
        if (!bytes.hasRemaining()) {
            throw new IllegalArgumentException("bytes: none, must be at least one");
        }
        Descriptor[] passed = new Descriptor[Arguments.between(0, sockets.size(), MAX_SOCKETS, "sockets.size()")];
        for (int i = 0; i < passed.length; i++) {
            passed[i] = socket(sockets.get(i));
        }
        int[] descriptors = new int[passed.length];
        int begun = 0;
        stream.begin();
        try {
            for (; begun < passed.length; begun++) {
                passed[begun].begin();
                descriptors[begun] = passed[begun].fd;
                passed[begun].share();
            }
            int put = DescriptorMessages.send(stream.fd, bytes, descriptors);
            return (int) stream.transferred(put, "sending sockets on");
        } finally {
            for (int i = 0; i < begun; i++) {
                passed[i].end();
            }
            stream.end();
        }
    }

    /**
     * Receives what is there, up to the room in the buffer, and the sockets that came with it. Bytes that were sent
     * with sockets begin a call's bytes or follow those before them, and no call has the sockets of two messages.
     *
     * @param to has room for at least one byte
     * @param maxSockets how many are expected at most
     * @throws IOException if it fails; if there are more sockets than expected, something else than a socket, or
     *     descriptors were lost for want of descriptors of this process (ulimit -n). All that were received are closed
     *     then, and the stream is out of step: close it.
     */
    public static Received receive(TcpStream over, ByteBuffer to, int maxSockets) throws IOException {
        EpollStream stream = unixStream(over);
        Arguments.between(0, maxSockets, MAX_SOCKETS, "maxSockets");
        if (!to.hasRemaining() || to.isReadOnly()) {
            throw new IllegalArgumentException("to: " + to + ", must be writable, with room for at least one byte");
        }
        int[] descriptors = new int[MAX_SOCKETS]; // before the call, after which nothing may fail with them open
        boolean done = false;
        stream.begin();
        try {
            int got = DescriptorMessages.receive(stream.fd, to, descriptors);
            if (got < 0) {
                close(descriptors); // before the exception is made, which may need a descriptor to load classes
            }
            Received received = new Received(count(stream, got), adopted(descriptors, maxSockets));
            done = true;
            return received;
        } finally {
            if (!done) {
                close(descriptors);
            }
            stream.end();
        }
    }

    private static void close(int[] descriptors) {
        for (int i = 0; i < descriptors.length && descriptors[i] >= 0; i++) {
            Libc.close(descriptors[i]);
            descriptors[i] = -1;
        }
    }

    private static int count(EpollStream stream, int got) throws IOException {
        if (got == -Errno.EPROTO) {
            throw stream.failure(Errno.EPROTO, "receiving sockets, of which some were lost (see ulimit -n), on");
        }
        return got == 0 ? stream.received(0) : (int) stream.transferred(got, "receiving sockets on");
    }

    private static List<Source> adopted(int[] descriptors, int max) throws IOException {
        int count = 0;
        while (count < descriptors.length && descriptors[count] >= 0) {
            count++;
        }
        if (count > max) {
            throw new IOException("received " + count + " descriptors, must be at most " + max + " (maxSockets)");
        }
        List<Source> sockets = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            sockets.add(AdoptedSocket.any(descriptors[i]));
        }
        return sockets;
    }

    /**
     * Closes a socket that another process has received, in this process only: it leaves its loop, its peer sees
     * nothing, and the file of a Unix-domain listener stays. A second call does nothing. Any thread.
     *
     * @throws IllegalArgumentException if it is not a socket of the epoll transport
     */
    public static void closePassed(Source socket) throws IOException {
        Descriptor own = socket(socket);
        own.passedOn();
        own.close();
    }

    private static Descriptor socket(Source source) {
        if (source instanceof SocketDescriptor<?> own) {
            return own;
        }
        throw new IllegalArgumentException("socket: not one of the epoll transport: " + source);
    }

    private static EpollStream unixStream(TcpStream over) {
        if (over instanceof EpollStream own && own.family == Constants.AF_UNIX) {
            return own;
        }
        throw new IllegalArgumentException("over: not a Unix-domain stream of the epoll transport: " + over);
    }
}
