package io.millio.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.EventLoop;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import io.millio.transport.Interest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class FdTest {
    private int got;
    private boolean ended;

    @Test
    void aPipeIsReadToItsEnd() throws IOException {
        Fd.Pipe pipe = Fd.pipe();
        try (EventLoop loop = LoopbackPair.directLoop();
                Fd writer = pipe.writer()) {
            loop.register(pipe.reader(), Interest.READABLE, event -> {
                int read = pipe.reader().read(ByteBuffer.allocate(3));
                got += Math.max(0, read);
                ended |= read < 0;
            });
            assertThat(writer.write(ByteBuffer.allocateDirect(10))).isEqualTo(10);
            while (got < 10) {
                loop.runOnce();
            }
            writer.close();
            while (!ended) {
                loop.runOnce();
            }
            long events = loop.stats().events();
            loop.execute(() -> {});
            loop.runOnce();
            assertThat(loop.stats().events()).isEqualTo(events);
        }
        assertThat(pipe.reader().isOpen()).isFalse();
    }

    @Test
    void aFullPipeTakesNoMoreAndTellsWhenItDoes() throws IOException {
        Fd.Pipe pipe = Fd.pipe();
        try (EventLoop loop = LoopbackPair.directLoop();
                Fd reader = pipe.reader()) {
            ByteBuffer much = ByteBuffer.allocate(1 << 20);
            int put = pipe.writer().write(much);
            assertThat(put).isPositive().isLessThan(1 << 20);
            assertThat(pipe.writer().write(much)).isZero();
            loop.register(pipe.writer(), Interest.WRITABLE, event -> ended = true);
            loop.execute(() -> {});
            loop.runOnce();
            assertThat(ended).isFalse();
            assertThat(reader.read(ByteBuffer.allocate(1 << 20))).isEqualTo(put);
            while (!ended) {
                loop.runOnce();
            }
        }
    }

    @Test
    void aWriterWhoseReaderIsGoneFails() throws IOException {
        Fd.Pipe pipe = Fd.pipe();
        pipe.reader().close();
        try (Fd writer = pipe.writer()) {
            assertThatThrownBy(() -> writer.write(ByteBuffer.allocate(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Broken pipe");
        }
    }

    @Test
    void aBorrowedDescriptorStaysOpenAndLeavesThePoller() throws IOException {
        Fd.Pipe pipe = Fd.pipe();
        try (EventLoop loop = LoopbackPair.directLoop();
                Fd reader = pipe.reader();
                Fd writer = pipe.writer()) {
            Fd borrowed = Fd.borrow(reader.number());
            loop.register(borrowed, Interest.READABLE, event -> got++);
            assertThat(isWatched(reader.number())).isTrue();
            borrowed.close();
            assertThat(isWatched(reader.number())).isFalse();
            writer.write(ByteBuffer.allocate(1));
            for (int i = 0; i < 5; i++) {
                loop.execute(() -> {});
                loop.runOnce();
            }
            assertThat(got).isZero();
            assertThat(loop.registrations()).isZero();
            assertThat(reader.read(ByteBuffer.allocate(10))).isEqualTo(1);
            assertThatThrownBy(() -> borrowed.read(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
        }
    }

    /** Returns whether a poller of this process watches a descriptor, according to {@code /proc/self/fdinfo}. */
    private static boolean isWatched(int descriptor) throws IOException {
        Pattern line = Pattern.compile("(?m)^tfd: +" + descriptor + " ");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
            for (Path each : all) {
                try {
                    if (line.matcher(String.join("\n", Files.readAllLines(each)))
                            .find()) {
                        return true;
                    }
                } catch (NoSuchFileException e) {
                    // closed since it was listed
                }
            }
        }
        return false;
    }

    @Test
    void standardInputKeepsItsModeAndIsNotClosed() throws IOException {
        try (Scratch scratch = Scratch.take()) {
            int before = Libc.Descriptors.FCNTL.call(scratch.errno, 0, Constants.F_GETFL, 0);
            try (Fd input = Fd.adopt(0)) {
                assertThat(input.number()).isZero();
            }
            assertThat(Libc.Descriptors.FCNTL.call(scratch.errno, 0, Constants.F_GETFL, 0))
                    .isEqualTo(before)
                    .isNotNegative();
        }
    }

    @Test
    void numbersThatAreNoDescriptorsAreRefused() {
        assertThatThrownBy(() -> Fd.borrow(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("descriptor: -1");
        assertThatThrownBy(() -> Fd.adopt(1_000_000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1000000");
    }

    @Test
    @Timeout(60)
    void aTerminalThatTakesNoMoreDoesNotBlockThoughItsModeIsBlocking() throws Throwable {
        int master = openForTest("/dev/ptmx", Constants.O_NONBLOCK);
        assumeTrue(master >= 0, "there are no pseudo-terminals");
        try {
            int terminal = terminalOf(master);
            assumeTrue(terminal >= 0, "the pseudo-terminal can't be opened");
            try (Fd output = Fd.standard(terminal, Constants.O_WRONLY)) {
                ByteBuffer much = ByteBuffer.allocateDirect(4096);
                int total = 0;
                for (int put; (put = output.write(much.clear())) > 0; ) {
                    total += put;
                }
                assertThat(total).isPositive();
                try (Scratch scratch = Scratch.take()) {
                    int flags = Libc.Descriptors.FCNTL.call(scratch.errno, terminal, Constants.F_GETFL, 0);
                    assertThat(flags & Constants.O_NONBLOCK)
                            .as("mode of the terminal itself")
                            .isZero();
                }
            } finally {
                Libc.close(terminal);
            }
        } finally {
            Libc.close(master);
        }
    }

    private static int openForTest(String path, int flags) {
        try (Scratch scratch = Scratch.take()) {
            scratch.putPath(Path.of(path));
            int access = 2 | Constants.O_NOCTTY | Constants.O_CLOEXEC; // O_RDWR
            return Libc.Sendfile.OPEN.call(scratch.errno, scratch.bytesAddress(), access | flags);
        }
    }

    /** Unlocks and opens the terminal of a master, by ioctl(2); in blocking mode. */
    private static int terminalOf(int master) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle ioctl = linker.downcallHandle(
                linker.defaultLookup().find("ioctl").orElseThrow(),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                Linker.Option.firstVariadicArg(2));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(4, 4);
            int unlocked = (int) ioctl.invokeExact(master, 0x40045431L, number); // TIOCSPTLCK
            int named = (int) ioctl.invokeExact(master, 0x80045430L, number); // TIOCGPTN
            return unlocked < 0 || named < 0 ? -1 : openForTest("/dev/pts/" + number.get(JAVA_INT, 0), 0);
        }
    }
}
