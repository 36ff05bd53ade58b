package io.millio.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/**
 * A sandbox as containers have it: system calls of this process, all its threads, fail with an errno from then on. It
 * can't be lifted, so it is for a process of a test's own. See seccomp(2).
 */
final class Seccomp {
    private static final boolean AMD64 = System.getProperty("os.arch", "").equals("amd64");

    static final int ACCEPT4 = AMD64 ? 288 : 242;
    static final int EPOLL_PWAIT2 = 441;
    static final int INOTIFY_INIT1 = AMD64 ? 294 : 26;
    static final int INOTIFY_INIT = AMD64 ? 253 : INOTIFY_INIT1; // older than the other, and only on amd64
    static final int INOTIFY_ADD_WATCH = AMD64 ? 254 : 27;
    static final int STATX = AMD64 ? 332 : 291;

    private static final int SECCOMP = AMD64 ? 317 : 277;
    private static final int SET_MODE_FILTER = 1;
    private static final int FLAG_TSYNC = 1;
    private static final int PR_SET_NO_NEW_PRIVS = 38;

    private static final short LOAD_WORD = 0x20;
    private static final short JUMP_IF_EQUAL = 0x15;
    private static final short RETURN = 0x06;
    private static final int ALLOW = 0x7fff0000;
    private static final int FAIL_WITH_ERRNO = 0x00050000;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int PROGRAM_BYTES = 16;

    private Seccomp() {}

    /** Refuses calls, each by its number, with an errno. */
    static void refuse(Map<Integer, Integer> errnoByCall) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle prctl = linker.downcallHandle(
                linker.defaultLookup().find("prctl").orElseThrow(),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        MethodHandle syscall = linker.downcallHandle(
                linker.defaultLookup().find("syscall").orElseThrow(),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS),
                Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            int count = 2 + 2 * errnoByCall.size();
            MemorySegment filter = arena.allocate((long) count * INSTRUCTION_BYTES, 8);
            int at = 0;
            put(filter, at++, LOAD_WORD, 0, 0); // the number of the call
            for (Map.Entry<Integer, Integer> each : errnoByCall.entrySet()) {
                put(filter, at++, JUMP_IF_EQUAL, 1, each.getKey());
                put(filter, at++, RETURN, 0, FAIL_WITH_ERRNO | each.getValue());
            }
            put(filter, at, RETURN, 0, ALLOW);
            MemorySegment program = arena.allocate(PROGRAM_BYTES, 8);
            program.set(JAVA_SHORT, 0, (short) count);
            program.set(ADDRESS, 8, filter);
            check((int) prctl.invokeExact(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L));
            check((long) syscall.invokeExact((long) SECCOMP, (long) SET_MODE_FILTER, (long) FLAG_TSYNC, program));
        }
    }

    private static void put(MemorySegment filter, int index, short code, int skipIfNot, int value) {
        long at = (long) index * INSTRUCTION_BYTES;
        filter.set(JAVA_SHORT, at, code);
        filter.set(JAVA_BYTE, at + 3, (byte) skipIfNot);
        filter.set(JAVA_INT, at + 4, value);
    }

    private static void check(long result) {
        if (result != 0) {
            throw new IllegalStateException("no filter of system calls can be installed here: " + result);
        }
    }
}
