package io.millio.net.memory;

/**
 * What one holder has of a budget.
 *
 * @param holder an {@code io.millio.net.Connection}, or a {@code UdpEndpoint}
 * @param bytes how much: of an endpoint the datagrams that wait; of a connection what is unread and queued with the
 *     unused rest of its buffers, what TLS takes, what its handler has charged, and a flat part for the connection
 *     itself
 */
public record MemoryUse(Object holder, long bytes) {}
