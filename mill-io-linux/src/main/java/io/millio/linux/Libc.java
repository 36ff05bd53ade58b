package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Links functions of the C library.
 *
 * <p>All have one shape, six words in and one out: what a function does not take it does not see, for integers and
 * pointers travel in registers, of which both architectures have that many for arguments, in the order of the
 * arguments. The virtual machine makes code for a shape once, in milliseconds; each further function of it costs a
 * tenth of one. Groups of functions are classes of their own, so that what is not used is not linked. See
 * docs/decisions/0006.
 *
 * <p>A result of type {@code int} leaves the upper half of the word undefined: {@link #ofInt} cuts it off. Each call
 * leaves errno in memory that its caller gives, and that no other thread uses meanwhile; the wrappers make it the
 * result, negated. Pointers are plain words: who passes one keeps what it points to alive.
 */
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    /** How much memory a call needs to leave errno in. */
    static final int ERRNO_BYTES = (int) Linker.Option.captureStateLayout().byteSize();

    private Libc() {}

    /** A function of type {@code (MemorySegment errno, long, long, long, long, long, long) -> long}. */
    static MethodHandle function(String name) {
        return LINKER.downcallHandle(address(name), SHAPE, ERRNO);
    }

    private static MemorySegment address(String name) {
        Optional<MemorySegment> found = LINKER.defaultLookup().find(name);
        if (found.isEmpty()) {
            throw new UnsatisfiedLinkError("the C library has no " + name);
        }
        return found.get();
    }

    /** The function takes arguments after these as variable ones, which some platforms pass differently. */
    static MethodHandle variadic(String name, int fixedArguments) {
        return LINKER.downcallHandle(address(name), SHAPE, ERRNO, Linker.Option.firstVariadicArg(fixedArguments));
    }

    /** A result of type {@code ssize_t}, or errno negated. */
    static long ofLong(long result, MemorySegment errno) {
        return result == -1 ? -errno.get(JAVA_INT, 0) : result;
    }

    /** A result of type {@code int}, or errno negated. */
    static int ofInt(long result, MemorySegment errno) {
        return (int) result == -1 ? -errno.get(JAVA_INT, 0) : (int) result;
    }

    /** A call that is not worth a method handle in the code of its caller. Slow when the handle is not constant. */
    static int call(MethodHandle function, MemorySegment errno, long a, long b, long c, long d, long e) {
        try {
            return ofInt((long) function.invokeExact(errno, a, b, c, d, e, 0L), errno);
        } catch (Throwable t) {
            throw failed(t);
        }
    }

    /** A downcall itself throws nothing but errors: its arguments are words. */
    static AssertionError failed(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return new AssertionError(thrown);
    }
}
