package io.millio.bench.siege;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VictimLogTest {
    @TempDir
    private Path folder;

    private VictimLog log(String text) throws IOException {
        return VictimLog.read(Files.writeString(folder.resolve("log"), text));
    }

    @Test
    void anErrorIsOfTheFirstFrameOutsideOfThePlatform() throws IOException {
        assertThat(log("""
                        12:00:00 WARNING HANDLER failed: tcp: java.lang.OutOfMemoryError: Java heap space
                        java.lang.OutOfMemoryError: Java heap space
                        \tat java.base/java.nio.ByteBuffer.allocate(ByteBuffer.java:360)
                        \tat io.millio.net.wire.Chunk.ofSize(Chunk.java:58)
                        \tat io.millio.bench.siege.MillServers.start(MillServers.java:1)
                        java.lang.OutOfMemoryError: Java heap space
                        \tat app//io.millio.bench.siege.LineCommands.execute(LineCommands.java:40)
                        \tat io.millio.net.ConnectionReader.read(ConnectionReader.java:58)
                        java.io.IOException: other
                        \tat io.millio.net.ConnectionReader.read(ConnectionReader.java:58)
                        Caused by: java.lang.OutOfMemoryError: Cannot reserve 8192 bytes of direct buffer memory
                        \tat java.base/java.nio.Bits.reserveMemory(Bits.java:178)
                        \tat io.millio/io.millio.pool.BufferPool.make(BufferPool.java:1)
                        """)).isEqualTo(new VictimLog(3, 2, 0));
    }

    @Test
    void anErrorWithoutFramesCountsAsSuch() throws IOException {
        assertThat(log("""
                        Exception in thread "millio-1-loop" java.lang.OutOfMemoryError: Java heap space
                        java.lang.OutOfMemoryError: Java heap space
                        something else
                        Exception: java.lang.OutOfMemoryError thrown from the UncaughtExceptionHandler
                        """)).isEqualTo(new VictimLog(3, 0, 3));
    }

    @Test
    void aLogWithoutErrorsHasNone() throws IOException {
        assertThat(log("java.io.IOException: other\n\tat io.millio.X.y(X.java:1)\n"))
                .isEqualTo(new VictimLog(0, 0, 0));
    }
}
