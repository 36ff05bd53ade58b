package io.millio.net.wire;

/** A handler that its connection keeps to its end, as it accounts for it: that of a pool. */
public interface KeptHandler {}
