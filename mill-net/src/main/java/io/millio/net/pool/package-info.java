/**
 * Connection pools: connections of a {@link io.millio.net.TcpClient} that stay open and are leased in the order of the
 * requests. Written against the public interface of {@code io.millio.net} alone. A pool and all that belongs to it are
 * confined to one loop; the few methods that may be called from any thread say so. Start reading at
 * {@link io.millio.net.pool.ConnectionPool}.
 */
@NullMarked
package io.millio.net.pool;

import org.jspecify.annotations.NullMarked;
