package io.millio.testkit.conformance;

/** What a handler has received: appended to on one thread, looked at on another. */
final class Text {
    private final StringBuilder text = new StringBuilder();

    synchronized void append(String more) {
        text.append(more);
    }

    synchronized int length() {
        return text.length();
    }

    @Override
    public synchronized String toString() {
        return text.toString();
    }
}
