package io.millio.linux;

import io.millio.linux.sys.BufferAddresses;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two ask for the address of one buffer while its entry is made: both get that of this buffer. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Both got it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "One got that of another buffer.")
@State
public class BufferAddressesStress {
    private static final int BYTES = 1 << 16;
    private static final ByteBuffer MEMORY = ByteBuffer.allocateDirect(BYTES);
    private static final long BEGIN = MemorySegment.ofBuffer(MEMORY).address();
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final int offset = NEXT.getAndIncrement() & BYTES - 2;
    private final ByteBuffer buffer = MEMORY.slice(offset, 1);

    private int isRight() {
        boolean right = true;
        for (int i = 0; i < 3; i++) { // seen, kept, found
            right &= BufferAddresses.of(buffer) == BEGIN + offset;
        }
        return right ? 1 : 0;
    }

    @Actor
    public void one(II_Result r) {
        r.r1 = isRight();
    }

    @Actor
    public void other(II_Result r) {
        r.r2 = isRight();
    }
}
