/**
 * Sieges: a server with a small heap in a process of its own, attackers in another, and a well-behaved client that
 * measures its answers meanwhile. Start reading at {@link io.millio.bench.siege.Siege}; the command line is
 * {@link io.millio.bench.siege.SiegeMain}.
 */
@NullMarked
package io.millio.bench.siege;

import org.jspecify.annotations.NullMarked;
