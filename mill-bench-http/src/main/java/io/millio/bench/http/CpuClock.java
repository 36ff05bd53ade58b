package io.millio.bench.http;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;

/**
 * The CPU time of another process, of all its threads and of those that have ended: by clock_getcpuclockid(3), exact to
 * the nanosecond, on Linux; else what the JDK knows, which is coarser. Any thread.
 */
final class CpuClock {
    private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

    /** The functions of the C library, which are looked up where there is something to measure. */
    private static final class Calls {
        static final MethodHandle CLOCK_ID = function("clock_getcpuclockid", ValueLayout.JAVA_INT);
        static final MethodHandle GET_TIME = function("clock_gettime", ValueLayout.JAVA_INT);

        private static MethodHandle function(String name, ValueLayout first) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().find(name).orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, first, ValueLayout.ADDRESS));
        }
    }

    private CpuClock() {}

    /** Returns the CPU time that a process has used since it began, in nanoseconds. */
    static long nanos(long pid) throws IOException {
        if (!LINUX) {
            return ProcessHandle.of(pid)
                    .flatMap(process -> process.info().totalCpuDuration())
                    .map(Duration::toNanos)
                    .orElseThrow(() -> new IOException("the system does not report the CPU time of process " + pid));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment id = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment time = arena.allocate(ValueLayout.JAVA_LONG, 2); // struct timespec
            int failed = (int) Calls.CLOCK_ID.invokeExact((int) pid, id);
            if (failed != 0 || (int) Calls.GET_TIME.invokeExact(id.get(ValueLayout.JAVA_INT, 0), time) != 0) {
                throw new IOException("no CPU time of process " + pid);
            }
            return time.getAtIndex(ValueLayout.JAVA_LONG, 0) * 1_000_000_000L
                    + time.getAtIndex(ValueLayout.JAVA_LONG, 1);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
