package io.millio.net.pool;

/** Why a connection left its {@link ConnectionPool}. */
public enum EvictionCause {
    /** It was idle for {@link ConnectionPoolBuilder#idleTimeout}. */
    IDLE_TIMEOUT,
    /** It reached its {@link ConnectionPoolBuilder#maxLifetime}. */
    MAX_LIFETIME,
    /** It was used {@link ConnectionPoolBuilder#maxUses} times. */
    MAX_USES,
    /** The peer closed it, or its side of it. */
    PEER_CLOSED,
    /** The peer sent something while it was idle, or its user left bytes unread. */
    UNEXPECTED_DATA,
    /** It failed, or a callback on it threw. */
    FAILED,
    /** It did not pass its {@link ConnectionCheck}, or not in time. */
    CHECK_FAILED,
    /** Its user closed it, shut its output down, or discarded it. */
    DISCARDED,
    /** The pool or its loop was closed. */
    POOL_CLOSED
}
