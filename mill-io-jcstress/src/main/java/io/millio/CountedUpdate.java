package io.millio;

/** An update that counts its runs and notes what it sees of a change. */
final class CountedUpdate extends LoopUpdate {
    int changed; // plain: published by the queue
    int seen;
    int runs;

    @Override
    void update() {
        runs++;
        seen = changed;
    }

    @Override
    void failed(Throwable why) {
        throw new AssertionError(why);
    }
}
