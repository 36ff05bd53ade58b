package io.millio.bench.siege;

/**
 * What a victim uses, in bytes.
 *
 * @param heap after a collection; -1: it has not answered
 * @param direct of buffers outside of the heap
 * @param resident all of the process, as the system counts it; -1 where it does not
 */
record Memory(long heap, long direct, long resident) {
    static final Memory UNKNOWN = new Memory(-1, 0, -1);

    boolean isKnown() {
        return heap >= 0;
    }

    long used() {
        return heap + direct;
    }
}
