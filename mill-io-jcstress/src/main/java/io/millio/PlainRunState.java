package io.millio;

/** A state word without a registration. */
final class PlainRunState extends RunState {
    @Override
    void update() {}

    @Override
    void failed(Throwable why) {
        throw new AssertionError(why);
    }
}
