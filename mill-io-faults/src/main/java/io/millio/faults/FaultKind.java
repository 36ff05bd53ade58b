package io.millio.faults;

/** What fails in a run. */
public enum FaultKind {
    /**
     * {@link OutOfMemoryError} in the place of an allocation, or before a call into the platform that may allocate, as
     * when no object was made and nothing was called.
     */
    ALLOCATION,

    /**
     * {@link OutOfMemoryError} after a call into the platform that may allocate, as when it had done a part already.
     */
    AFTER_CALL,

    /** {@link StackOverflowError} at the entry of a method. */
    STACK,

    /** {@link java.io.IOException} in the place of a call of the transport that declares it. */
    TRANSPORT_IO,

    /** An unchecked exception in the place of a call of the transport. */
    TRANSPORT_UNCHECKED;

    Throwable failure(String text) {
        return switch (this) {
            case ALLOCATION, AFTER_CALL -> new OutOfMemoryError(text);
            case STACK -> new StackOverflowError(text);
            case TRANSPORT_IO -> new java.io.IOException(text);
            case TRANSPORT_UNCHECKED -> new IllegalStateException(text);
        };
    }
}
