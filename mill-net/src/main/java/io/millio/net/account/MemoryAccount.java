package io.millio.net.account;

/** Counts the bytes of buffers. Any thread, also with locks held. */
public interface MemoryAccount {
    /** Counts nothing. */
    MemoryAccount NONE = new MemoryAccount() {
        @Override
        public void hold(int bytes) {}

        @Override
        public void free(int bytes) {}
    };

    /** Counts the bytes of a buffer that has been allocated; if this throws, they are not counted. */
    void hold(int bytes);

    /** Counts bytes no more that {@link #hold} has counted; if this throws, they still are. */
    void free(int bytes);
}
