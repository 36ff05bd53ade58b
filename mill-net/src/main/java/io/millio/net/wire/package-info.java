/**
 * The bytes between a connection and its socket: as they are, or through TLS. Not exported. Loop thread only. Start at
 * {@link io.millio.net.wire.Wire}.
 */
@NullMarked
package io.millio.net.wire;

import org.jspecify.annotations.NullMarked;
