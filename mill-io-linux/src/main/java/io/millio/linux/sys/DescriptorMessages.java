package io.millio.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Messages of a Unix-domain stream with descriptors beside their bytes: {@code SCM_RIGHTS} of unix(7). Neither call
 * waits. Stateless; any thread.
 */
public final class DescriptorMessages {
    /** The most descriptors that a message carries (SCM_MAX_FD). */
    public static final int MAX_DESCRIPTORS = 253;

    // No more fit, so none that arrives is without a place in the array.
    private static final int MAX_CONTROL = Layouts.CMSGHDR_SIZE + MAX_DESCRIPTORS * Integer.BYTES;
    private static final int CONTROL_BYTES = 2048;
    private static final int CONTROL_ALIGNMENT = 8;

    /** The most bytes that a message carries here. */
    public static final int MAX_BYTES = Scratch.BYTES - CONTROL_BYTES;

    private DescriptorMessages() {}

    /**
     * Sends bytes, and descriptors with the first of them. Returns how many bytes the system took, by which the buffer
     * moves on, and then it has all descriptors; or errno negated, and then it has none.
     */
    public static int send(int fd, ByteBuffer from, int[] descriptors) {
        try (Scratch scratch = Scratch.take()) {
            MemorySegment memory = memory(scratch);
            int size = Math.min(from.remaining(), MAX_BYTES);
            scratch.bytes().clear().position(CONTROL_BYTES).put(from.duplicate().limit(from.position() + size));
            int count = descriptors.length;
            int control = Layouts.CMSGHDR_SIZE + count * Integer.BYTES;
            memory.set(JAVA_LONG, Layouts.CMSGHDR__CMSG_LEN, control);
            memory.set(JAVA_INT, Layouts.CMSGHDR__CMSG_LEVEL, Constants.SOL_SOCKET);
            memory.set(JAVA_INT, Layouts.CMSGHDR__CMSG_TYPE, Constants.SCM_RIGHTS);
            MemorySegment.copy(descriptors, 0, memory, JAVA_INT, Layouts.CMSGHDR_SIZE, count);
            long message = message(scratch, size, count == 0 ? 0 : aligned(control));
            int flags = Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL;
            int result = (int) Libc.Passing.SENDMSG.transfer(scratch.errno, fd, message, flags, 0, 0, 0);
            if (result > 0) {
                from.position(from.position() + result);
            }
            return result;
        }
    }

    /**
     * Receives bytes, and the descriptors that came with them into an array of {@link #MAX_DESCRIPTORS}, whose rest is
     * set to -1. They are the caller's, also where an error is thrown, and close on exec. Returns the number of bytes,
     * by which the buffer moves on, 0 at the end of input; or errno negated: {@code EPROTO} if descriptors were lost,
     * for want of room or of descriptors of this process.
     */
    public static int receive(int fd, ByteBuffer to, int[] descriptors) {
        Arrays.fill(descriptors, -1);
        try (Scratch scratch = Scratch.take()) {
            MemorySegment memory = memory(scratch);
            int size = Math.min(to.remaining(), MAX_BYTES);
            long message = message(scratch, size, MAX_CONTROL);
            int flags = Constants.MSG_DONTWAIT | Constants.MSG_CMSG_CLOEXEC;
            int result = (int) Libc.Passing.RECVMSG.transfer(scratch.errno, fd, message, flags, 0, 0, 0);
            if (result < 0) {
                return result;
            }
            long control = scratch.value.get(JAVA_LONG, Layouts.MSGHDR__MSG_CONTROLLEN);
            takeDescriptors(memory, control, descriptors);
            if ((scratch.value.get(JAVA_INT, Layouts.MSGHDR__MSG_FLAGS) & Constants.MSG_CTRUNC) != 0) {
                return -Errno.EPROTO;
            }
            to.put(scratch.bytes().clear().position(CONTROL_BYTES).limit(CONTROL_BYTES + result));
            return result;
        }
    }

    /** Control messages of other kinds are not asked for, and passed over. */
    private static void takeDescriptors(MemorySegment control, long size, int[] to) {
        int count = 0;
        long at = 0;
        while (at + Layouts.CMSGHDR_SIZE <= size) {
            long length = control.get(JAVA_LONG, at + Layouts.CMSGHDR__CMSG_LEN);
            if (length < Layouts.CMSGHDR_SIZE || length > size - at) {
                return;
            }
            if (control.get(JAVA_INT, at + Layouts.CMSGHDR__CMSG_LEVEL) == Constants.SOL_SOCKET
                    && control.get(JAVA_INT, at + Layouts.CMSGHDR__CMSG_TYPE) == Constants.SCM_RIGHTS) {
                int got = (int) (length - Layouts.CMSGHDR_SIZE) / Integer.BYTES;
                MemorySegment.copy(control, JAVA_INT, at + Layouts.CMSGHDR_SIZE, to, count, got);
                count += got;
            }
            at += aligned(length);
        }
    }

    private static MemorySegment memory(Scratch scratch) {
        return MemorySegment.ofBuffer(scratch.bytes().clear());
    }

    /** Writes a {@code msghdr} whose control messages and bytes are in the scratch's bytes; returns its address. */
    private static long message(Scratch scratch, int size, long control) {
        MemorySegment message = scratch.value.asSlice(0, Layouts.MSGHDR_SIZE).fill((byte) 0);
        scratch.vectors.set(JAVA_LONG, Layouts.IOVEC__IOV_BASE, scratch.bytesAddress() + CONTROL_BYTES);
        scratch.vectors.set(JAVA_LONG, Layouts.IOVEC__IOV_LEN, size);
        message.set(JAVA_LONG, Layouts.MSGHDR__MSG_IOV, scratch.vectors.address());
        message.set(JAVA_LONG, Layouts.MSGHDR__MSG_IOVLEN, 1);
        message.set(JAVA_LONG, Layouts.MSGHDR__MSG_CONTROL, control == 0 ? 0 : scratch.bytesAddress());
        message.set(JAVA_LONG, Layouts.MSGHDR__MSG_CONTROLLEN, control);
        return message.address();
    }

    private static long aligned(long length) {
        return (length + CONTROL_ALIGNMENT - 1) & -CONTROL_ALIGNMENT;
    }
}
