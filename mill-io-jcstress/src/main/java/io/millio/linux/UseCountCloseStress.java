package io.millio.linux;

import io.millio.linux.sys.UseCount;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Closing against a call that uses the descriptor: exactly one of the two gives it back, never while it is used, and
 * sees what the call has written.
 */
@JCStressTest
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "Closed before the call.")
@Outcome(id = "0, 1, 7", expect = Expect.ACCEPTABLE, desc = "The call was first; the closer gives it back.")
@Outcome(id = "1, 0, 7", expect = Expect.ACCEPTABLE, desc = "The call is the last user.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Given back twice, or not at all, or during the call.")
@State
public class UseCountCloseStress {
    private final UseCount count = new UseCount() {};
    private int written;

    @Actor
    public void call(III_Result r) {
        if (count.enter()) {
            written = 7;
            r.r1 = giveBackIfLast(r);
        }
    }

    @Actor
    public void close(III_Result r) {
        if (count.shut()) {
            r.r2 = giveBackIfLast(r);
        }
    }

    private int giveBackIfLast(III_Result r) {
        if (!count.leave()) {
            return 0;
        }
        r.r3 = written;
        return 1;
    }
}
