package io.millio.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A {@link BufferPool} in a process whose direct memory is smaller than the pool's bound. */
class DirectMemoryExhaustedTest {
    private static final int BUFFER = 65_536;

    /** The program of that process. */
    public static void main(String[] arguments) {
        BufferPool pool = BufferPool.builder().maxTotalBytes(1L << 30).build();
        BufferLease first = pool.acquire(BUFFER);
        int leases = 1;
        while (pool.tryAcquire(BUFFER) != null) {
            leases++;
        }
        String result = leases + " leases";
        try {
            pool.acquire(BUFFER);
        } catch (PoolExhaustedException e) {
            result += ", exhausted";
        }
        if (pool.stats().heldBytes() == (long) leases * BUFFER) {
            result += ", counted";
        }
        first.close();
        ByteBuffer again = pool.acquire(BUFFER).buffer();
        System.out.print(result + ", " + again.capacity() + " bytes again");
    }

    private static String classes(Class<?> of) throws Exception {
        return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    @Test
    void countsAsExhausted() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:MaxDirectMemorySize=1m",
                        "-cp",
                        classes(BufferPool.class)
                                + System.getProperty("path.separator")
                                + classes(DirectMemoryExhaustedTest.class),
                        DirectMemoryExhaustedTest.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = read(process);
        assertThat(process.waitFor(Threads.DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(output).isEqualTo("16 leases, exhausted, counted, 65536 bytes again");
    }

    private static String read(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
