package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.linux.sys.Function;
import io.millio.linux.sys.Scratch;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.TcpListener;
import io.millio.transport.Transport;
import io.millio.watch.FileEvent;
import io.millio.watch.FileWatcher;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A process that may not make some of the system calls, as in containers with a profile that is older than the call.
 */
@Timeout(60)
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
@EnabledForJreRange(minVersion = 22, disabledReason = "a transport for Java 22")
class SandboxTest {
    private static final int EPERM = 1;
    private static final int EINTR = 4;
    private static final int ENOMEM = 12;
    private static final int EACCES = 13;
    private static final int ENOSYS = 38;
    private static final int EMFILE = 24;
    private static final int ENOSPC = 28;
    private static final int EPROTO = 71;

    /** Refuses calls, and says which transport is taken then, and why not another. */
    static final class Choose {
        private Choose() {}

        public static void main(String[] callsAndErrnos) throws Throwable {
            refuse(callsAndErrnos);
            System.out.println(Transport.best().name());
            System.out.println(Transport.available());
            try (EventLoop loop = EventLoop.builder().direct().build()) {
                boolean[] ran = new boolean[1];
                loop.scheduleNanos(1_000_000, () -> ran[0] = true);
                while (!ran[0]) {
                    loop.runOnce();
                }
            }
            System.out.println("ran a timer");
        }
    }

    /** Refuses the wait by nanoseconds, and prints in how many polls each of some deadlines was reached. */
    static final class Wait {
        private Wait() {}

        public static void main(String[] callAndErrno) throws Throwable {
            refuse(callAndErrno);
            try (Poller poller = Transport.named("epoll").openPoller(4, System::nanoTime)) {
                for (long nanos : new long[] {1, 300_000, 999_999, 1_000_000, 1_000_001, 1_400_000, 2_800_000}) {
                    long deadlineNanos = System.nanoTime() + nanos;
                    int polls = 0;
                    do {
                        poller.poll(deadlineNanos, (attachment, ready) -> {});
                        polls++;
                    } while (System.nanoTime() - deadlineNanos < 0);
                    System.out.println(polls <= 2 ? "no spin" : polls + " polls in " + nanos + " ns");
                }
            }
            System.out.println(SystemProbe.WAITS_BY_NANOS);
        }
    }

    /** Has connections wait at a listener whose accept fails for good, until the loop pauses it. */
    static final class Accept {
        private Accept() {}

        public static void main(String[] callAndErrno) throws Throwable {
            try (EventLoop loop = EventLoop.builder()
                    .transport(Transport.named("epoll"))
                    .direct()
                    .build()) {
                TcpListener listener = loop.openListener(LoopbackPair.ANY);
                loop.register(listener, Interest.READABLE, event -> {
                    while (listener.accept() != null) {
                        throw new IllegalStateException("accepted, though it is refused");
                    }
                });
                refuse(callAndErrno);
                try (SocketChannel opened = SocketChannel.open(listener.localAddress())) {
                    while (loop.stats().acceptPauses() == 0) {
                        loop.runOnce();
                    }
                }
            }
            System.out.println("paused");
        }
    }

    /** Watches a file though the system gives no instance of inotify. */
    static final class WatchFile {
        private WatchFile() {}

        public static void main(String[] file) throws Throwable {
            try (EventLoop loop = EventLoop.builder()
                    .transport(Transport.named("epoll"))
                    .direct()
                    .build()) {
                refuse(arguments(Seccomp.INOTIFY_INIT, EMFILE, Seccomp.INOTIFY_INIT1, EMFILE));
                List<FileEvent> events = new ArrayList<>();
                FileWatcher watcher = FileWatcher.builder(loop)
                        .addFile(Path.of(file[0]))
                        .pollInterval(Duration.ofMillis(1))
                        .listener(events::add)
                        .start();
                System.out.println(watcher.backend() + " " + watcher.passedOver());
                while (!watcher.ready().isDone()) {
                    loop.runOnce();
                }
                Files.createFile(Path.of(file[0]));
                while (events.isEmpty()) {
                    loop.runOnce();
                }
                System.out.println(events);
            }
        }
    }

    /** Reports what happens in a watched tree when the limit of watches is reached. */
    static final class WatchTree {
        private WatchTree() {}

        public static void main(String[] directory) throws Throwable {
            Path tree = Path.of(directory[0]);
            try (Inotify inotify = Inotify.open()) {
                inotify.watchTree(tree);
                refuse(arguments(Seccomp.INOTIFY_ADD_WATCH, ENOSPC));
                Files.createDirectory(tree.resolve("sub"));
                Files.createFile(tree.resolve("later"));
                inotify.read(event -> System.out.println(event.kind() + " " + event.path() + " " + event.cause()));
            }
        }
    }

    /** Opens a file to be sent where statx is refused; the C library makes up for a kernel that does not know it. */
    static final class OpenFile {
        private OpenFile() {}

        public static void main(String[] file) throws Throwable {
            Path path = Path.of(file[0]);
            Transport.named("epoll");
            refuse(arguments(Seccomp.STATX, EPERM));
            System.out.println("opened: " + RegularFile.open(path));
        }
    }

    private static String[] arguments(int... numbers) {
        String[] texts = new String[numbers.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = String.valueOf(numbers[i]);
        }
        return texts;
    }

    private static void refuse(String... callsAndErrnos) throws Throwable {
        Map<Integer, Integer> refused = new HashMap<>();
        for (int i = 0; i < callsAndErrnos.length; i += 2) {
            refused.put(Integer.valueOf(callsAndErrnos[i]), Integer.valueOf(callsAndErrnos[i + 1]));
        }
        Seccomp.refuse(refused);
    }

    private static String run(Class<?> program, int... callsAndErrnos) throws IOException, InterruptedException {
        return ForkedJava.output(program, Map.of(), List.of(), arguments(callsAndErrnos));
    }

    @ParameterizedTest
    @ValueSource(ints = {EPERM, EACCES, ENOSYS})
    void withoutTheWaitByNanosecondsEpollWaitsByMilliseconds(int errno) throws Exception {
        assertThat(run(Choose.class, Seccomp.EPOLL_PWAIT2, errno))
                .startsWith("epoll\n")
                .contains("ran a timer");
    }

    @Test
    void aWaitByMillisecondsIsRoundedUpSoThatALoopDoesNotSpinBeforeItsDeadline() throws Exception {
        assertThat(run(Wait.class, Seccomp.EPOLL_PWAIT2, ENOSYS)).isEqualTo("no spin\n".repeat(7) + "false\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {EPERM, EACCES, ENOSYS})
    void withoutACallThatItNeedsItIsNioAndTheReasonNamesTheCall(int errno) throws Exception {
        assertThat(run(Choose.class, Seccomp.ACCEPT4, errno))
                .startsWith("nio\n")
                .contains("name=epoll, usable=false, reason=", "accept4")
                .contains("ran a timer");
    }

    @ParameterizedTest
    @ValueSource(ints = {EPERM, EINTR, ENOMEM, EACCES, ENOSYS, EPROTO})
    void anAcceptThatFailsForGoodPausesTheListener(int errno) throws Exception {
        assertThat(run(Accept.class, Seccomp.ACCEPT4, errno)).contains("paused");
    }

    @Test
    void withoutAnInstanceOfInotifyTheNextBackendIsOpenedAndTheReasonNamesTheLimit(@TempDir Path directory)
            throws Exception {
        Path file = directory.resolve("file");
        assertThat(ForkedJava.output(WatchFile.class, Map.of(), List.of(), file.toString()))
                .startsWith("polling [inotify: ")
                .contains("fs.inotify.max_user_instances is ", "watch-service: ", "CREATED");
    }

    @Test
    void aDirectoryThatCannotBeWatchedIsAnEventAndWhatComesLaterIsReported(@TempDir Path tree) throws Exception {
        assertThat(ForkedJava.output(WatchTree.class, Map.of(), List.of(), tree.toString()))
                .containsSubsequence(
                        "CREATED " + tree.resolve("sub"),
                        "UNWATCHED " + tree.resolve("sub"),
                        "fs.inotify.max_user_watches is ",
                        "CREATED " + tree.resolve("later"));
    }

    @Test
    void withoutStatxAFileIsNotOpenedForTheSystemToSend(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "content");
        assertThat(ForkedJava.output(OpenFile.class, Map.of(), List.of(), file.toString()))
                .isEqualTo("opened: null\n");
        assertThat(RegularFile.open(file)).as("where it is there").isNotNull();
        try (Scratch scratch = Scratch.take()) {
            assertThat(new Function(null).call(scratch.errno, 1))
                    .as("of a function that the C library lacks")
                    .isEqualTo(-ENOSYS);
        }
    }
}
