package io.millio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpdateQueueTest {
    private final UpdateQueue queue = new UpdateQueue();
    private final List<String> seen = new ArrayList<>();

    private final class Element extends LoopUpdate {
        private final String name;
        private Runnable during = () -> {};

        Element(String name) {
            this.name = name;
        }

        @Override
        void update() {
            seen.add(name);
            Runnable once = during;
            during = () -> {};
            once.run();
        }

        @Override
        void failed(Throwable why) {
            seen.add(name + " failed: " + why.getMessage());
        }
    }

    @Test
    void elementsAreUpdatedOnceAndInTheOrderInWhichTheyWereQueued() {
        Element first = new Element("first");
        Element second = new Element("second");
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.add(first)).isTrue();
        assertThat(queue.add(second)).isTrue();
        assertThat(queue.add(first)).isTrue();
        assertThat(queue.isEmpty()).isFalse();
        queue.run();
        queue.run();
        assertThat(seen).containsExactly("first", "second");
        assertThat(queue.isEmpty()).isTrue();
    }

    /** A change that comes when its element is being updated may be too late for that, and needs another one. */
    @Test
    void anElementThatIsQueuedDuringItsUpdateIsUpdatedAgain() {
        Element element = new Element("element");
        element.during = () -> assertThat(queue.add(element)).isTrue();
        queue.add(element);
        queue.run();
        assertThat(queue.isEmpty()).isFalse();
        queue.run();
        assertThat(seen).containsExactly("element", "element");
    }

    @Test
    void anElementThatFailsHarmsNoOther() {
        Element first = new Element("first");
        first.during = () -> {
            throw new IllegalStateException("on purpose");
        };
        queue.add(first);
        queue.add(new Element("second"));
        queue.run();
        assertThat(seen).containsExactly("first", "first failed: on purpose", "second");
    }

    @Test
    void aClosedQueueUpdatesWhatItHasAndRefusesTheRest() {
        Element first = new Element("first");
        Element late = new Element("late");
        first.during = () -> assertThat(queue.add(late)).isFalse();
        queue.add(first);
        queue.close();
        assertThat(queue.add(late)).isFalse();
        assertThat(queue.add(late)).as("a second time").isFalse();
        queue.close();
        assertThat(seen).containsExactly("first");
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void theLengthOfTheQueueIsKnownToTheElements() {
        Element last = new Element("last");
        for (int i = 0; i < 1024; i++) {
            assertThat(last.isFarBehind()).isFalse();
            queue.add(new Element("before"));
        }
        queue.add(last);
        assertThat(last.isFarBehind()).isTrue();
        queue.run();
        queue.add(last);
        assertThat(last.isFarBehind()).isFalse();
    }
}
