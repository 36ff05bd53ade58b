package io.millio.net;

/** Why a connection left its {@link ConnectionPool}. */
public enum EvictionCause {
    /** Nobody wanted it for as long as {@link ConnectionPoolBuilder#idleTimeout}. */
    IDLE_TIMEOUT,
    /** It was as old as {@link ConnectionPoolBuilder#maxLifetime} allows. */
    MAX_LIFETIME,
    /** It was used as often as {@link ConnectionPoolBuilder#maxUses} allows. */
    MAX_USES,
    /** It was the longest idle when another endpoint needed its place. */
    MADE_ROOM,
    /** The peer closed it, or its side of it. */
    PEER_CLOSED,
    /** The peer sent something while nobody used it, or its user left bytes unread. */
    SPOKE,
    /** It failed, or a callback on it threw. */
    FAILED,
    /** It did not pass its {@link ConnectionCheck}, or not in time. */
    CHECK_FAILED,
    /** Its user closed it, shut its output down, or discarded it. */
    DISCARDED,
    /** The pool, or its loop, was closing. */
    POOL_CLOSED
}
