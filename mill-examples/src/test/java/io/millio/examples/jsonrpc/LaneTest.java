package io.millio.examples.jsonrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class LaneTest {
    private final List<CompletableFuture<byte[]>> begun = new ArrayList<>();
    private boolean full;
    private int ended;

    private final Lane lane = new Lane(
            (task, callback) -> {
                if (full) {
                    throw new RejectedExecutionException("planned");
                }
                CompletableFuture<byte[]> call = new CompletableFuture<>();
                CompletableFuture<?> unused = call.whenComplete(callback);
                begun.add(call);
                return call;
            },
            2,
            () -> ended++);

    private CompletableFuture<byte[]> call() {
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        CompletableFuture<byte[]> call = lane.compute(() -> new byte[0], (answer, failure) -> {
            if (answer != null) {
                result.complete(answer);
            } else {
                result.completeExceptionally(Objects.requireNonNull(failure));
            }
        });
        CompletableFuture<?> unused = result.whenComplete((answer, failure) -> call.cancel(false));
        return result;
    }

    @Test
    void callsBeyondTheBoundWaitForOneToEnd() {
        List<CompletableFuture<byte[]>> calls = List.of(call(), call(), call(), call());
        assertThat(begun).hasSize(2);
        assertThat(lane.underWay()).isEqualTo(4);
        byte[] answer = {1};
        begun.get(1).complete(answer);
        assertThat(calls.get(1)).isCompletedWithValue(answer);
        assertThat(begun).hasSize(3);
        assertThat(lane.underWay()).isEqualTo(3);
        begun.get(2).complete(answer);
        assertThat(calls.get(2)).isCompletedWithValue(answer);
        assertThat(begun).hasSize(4);
        begun.get(3).completeExceptionally(new IllegalStateException("planned"));
        assertThat(calls.get(3)).isCompletedExceptionally();
        begun.get(0).complete(answer);
        assertThat(lane.underWay()).isZero();
        assertThat(ended).isEqualTo(4);
    }

    @Test
    void aWaitingCallThatIsCancelledIsNotBegunAndOneThatHasBegunIsCancelledBelow() {
        List<CompletableFuture<byte[]>> calls = List.of(call(), call(), call(), call());
        calls.get(2).cancel(false);
        begun.get(0).complete(new byte[0]);
        assertThat(begun).hasSize(3);
        calls.get(3).cancel(false);
        assertThat(begun.get(2)).isCancelled();
        assertThat(lane.underWay()).isEqualTo(1);
    }

    @Test
    void aCallWithoutRoomBelowIsRefusedAlsoIfItHasWaited() {
        List<CompletableFuture<byte[]>> calls = List.of(call(), call(), call());
        full = true;
        begun.get(0).complete(new byte[0]);
        assertThatThrownBy(() -> calls.get(2).get()).hasCauseInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(this::call).isInstanceOf(RejectedExecutionException.class);
        assertThat(lane.underWay()).isEqualTo(1);
    }

    @Test
    void aClosedLaneBeginsNothingThatWaits() {
        List<CompletableFuture<byte[]>> calls = List.of(call(), call(), call());
        lane.close();
        begun.get(0).complete(new byte[0]);
        assertThat(begun).hasSize(2);
        assertThat(calls.get(2)).isNotDone();
    }
}
