package io.millio.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * A function of the C library. Each is optional: one that the library lacks fails with {@code ENOSYS}, as one does that
 * the kernel lacks, so that callers have one fallback for both.
 *
 * <p>All have one shape, six words in and one out: what a function does not take it does not see, for integers and
 * pointers travel in registers, of which both architectures have that many for arguments, in the order of the
 * arguments. The virtual machine makes code for a shape once, in milliseconds; each further function of it costs a
 * tenth of one. See docs/decisions/0006.
 *
 * <p>Each call leaves errno in memory that its caller gives, and that no other thread uses meanwhile; the result of a
 * failed call is errno negated. Pointers are plain words: the caller keeps what they point to alive. A record, for the
 * compiler trusts the fields of records: a call through a constant costs what one through a constant handle does.
 *
 * @param handle of type {@code (MemorySegment errno, long, long, long, long, long, long) -> long}; null if the C
 *     library has no such function
 */
public record Function(@Nullable MethodHandle handle) {
    /** How much memory a call needs to leave errno in. */
    public static final int ERRNO_BYTES =
            (int) Linker.Option.captureStateLayout().byteSize();

    /** A call is interrupted by a signal at most this many times in a row; then it counts as one that would wait. */
    static final int MAX_INTERRUPTS = 100;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    static Function function(String name) {
        return link(name, ERRNO);
    }

    /** The function takes arguments after these as variable ones, which some platforms pass differently. */
    static Function variadic(String name, int fixedArguments) {
        return link(name, ERRNO, Linker.Option.firstVariadicArg(fixedArguments));
    }

    private static Function link(String name, Linker.Option... options) {
        return new Function(LINKER.defaultLookup()
                .find(name)
                .map(address -> LINKER.downcallHandle(address, SHAPE, options))
                .orElse(null));
    }

    private long invoke(MemorySegment errno, long a, long b, long c, long d, long e, long f) {
        MethodHandle function = handle;
        if (function == null) {
            errno.set(JAVA_INT, 0, Errno.ENOSYS);
            return -1;
        }
        try {
            return (long) function.invokeExact(errno, a, b, c, d, e, f);
        } catch (Throwable t) {
            throw failed(t);
        }
    }

    /** A downcall itself throws nothing but errors: its arguments are words. */
    static Error failed(Throwable thrown) {
        return thrown instanceof Error error ? error : new AssertionError(thrown);
    }

    /** Calls a function whose result is an {@code int}: the upper half of the word is undefined. */
    public int call(MemorySegment errno, long a, long b, long c, long d, long e) {
        int result = (int) invoke(errno, a, b, c, d, e, 0);
        return result == -1 ? -errno.get(JAVA_INT, 0) : result;
    }

    /** Calls a function of an {@code int} with up to four arguments. */
    public int call(MemorySegment errno, long a, long b, long c, long d) {
        return call(errno, a, b, c, d, 0);
    }

    /** Calls a function of an {@code int} with up to three arguments. */
    public int call(MemorySegment errno, long a, long b, long c) {
        return call(errno, a, b, c, 0, 0);
    }

    /** Calls a function of an {@code int} with one argument. */
    public int call(MemorySegment errno, long a) {
        return call(errno, a, 0, 0, 0, 0);
    }

    /** Calls a function of an {@code int} with up to two arguments. */
    public int call(MemorySegment errno, long a, long b) {
        return call(errno, a, b, 0, 0, 0);
    }

    /** Calls a function that transfers messages, whose result is an {@code int}, again where a signal interrupts it. */
    public int transferInt(MemorySegment errno, long a, long b, long c, long d) {
        for (int i = 0; i < MAX_INTERRUPTS; i++) {
            int result = call(errno, a, b, c, d);
            if (result != -Errno.EINTR) {
                return result;
            }
        }
        return -Errno.EAGAIN;
    }

    /**
     * Calls a function that transfers bytes, whose result is an {@code ssize_t}, again where a signal interrupts it.
     */
    public long transfer(MemorySegment errno, long a, long b, long c, long d, long e, long f) {
        for (int i = 0; i < MAX_INTERRUPTS; i++) {
            long result = invoke(errno, a, b, c, d, e, f);
            if (result != -1) {
                return result;
            }
            int error = errno.get(JAVA_INT, 0);
            if (error != Errno.EINTR) {
                return -error;
            }
        }
        return -Errno.EAGAIN;
    }
}
