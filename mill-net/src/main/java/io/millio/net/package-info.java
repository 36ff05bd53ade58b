/**
 * Servers and clients whose connections read, write, wait and end as real networks need it; framing; datagrams.
 *
 * <p>Futures that only a loop completes, or the loops of a server, must not be waited for in its turn: {@code join} and
 * {@code get} throw {@link IllegalStateException} there, as they would wait for ever.
 */
@NullMarked
package io.millio.net;

import org.jspecify.annotations.NullMarked;
