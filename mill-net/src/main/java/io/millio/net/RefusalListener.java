package io.millio.net;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Called for connections that a server has accepted and that never opened, so that no handler has seen them. */
@FunctionalInterface
public interface RefusalListener {
    /**
     * Called when a connection has ended before it opened, on the loop that accepted it.
     *
     * @param remote the client's address if a PROXY header has named it, else the peer's
     * @param failure the exception that goes with the reason, if there is one
     */
    void onRefused(SocketAddress remote, Reason reason, @Nullable Throwable failure);

    /** Why a connection has never opened. */
    enum Reason {
        /**
         * There were {@link TcpServerBuilder#maxConnections}, and the server {@linkplain TcpServerBuilder#refuseExcess
         * refuses} more.
         */
        CONNECTION_LIMIT,
        /**
         * The peer's address has as many connections as {@link TcpServerBuilder#maxConnectionsPerAddress} allows, or
         * they come faster than {@link TcpServerBuilder#acceptLimitPerAddress} allows.
         */
        ADDRESS_LIMIT,
        /**
         * Memory is scarce: the connections of the process use too much of their
         * {@linkplain io.millio.net.memory.MemoryBudget budget}.
         */
        MEMORY_LIMIT,
        /** The header of the PROXY protocol was missing or malformed, or came from an address that may not send one. */
        PROXY_HEADER,
        /** TLS failed: a certificate that is not trusted, no common version or cipher suite, bytes that are not TLS. */
        TLS_FAILED,
        /** The handshake, or the header before it, took longer than its timeout. */
        HANDSHAKE_TIMEOUT,
        /** The peer closed the connection and had sent nothing, as health checks do. */
        PEER_CLOSED,
        /** The peer closed the connection in the handshake. */
        TRUNCATED,
        /** Reading or writing failed, mostly as the peer has reset the connection; or no memory was left for it. */
        FAILED,
        /** The server was closed, and its deadline is over. */
        SERVER_CLOSED,
        /** The loop was closed. */
        LOOP_CLOSED;

        static Reason of(CloseCause cause, @Nullable Throwable failure) {
            if (failure instanceof ConnectionGroup.RefusedException refused) {
                return refused.reason;
            }
            return switch (cause) {
                case PEER -> PEER_CLOSED;
                case TRUNCATED -> TRUNCATED;
                case TLS_FAILED, RENEGOTIATION -> TLS_FAILED;
                case MEMORY_LIMIT -> MEMORY_LIMIT;
                case HANDSHAKE_TIMEOUT -> HANDSHAKE_TIMEOUT;
                case SERVER_CLOSED -> SERVER_CLOSED;
                case LOOP_CLOSED -> LOOP_CLOSED;
                default -> FAILED;
            };
        }
    }
}
