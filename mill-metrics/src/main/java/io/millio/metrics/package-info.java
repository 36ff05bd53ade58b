/**
 * The numbers of loops, servers and pools as meters of Micrometer. Start with {@link io.millio.metrics.LoopMetrics} and
 * {@link io.millio.metrics.ServerMetrics}.
 *
 * <p>{@code LoopMetrics}, {@code ServerMetrics} and those of pools are binders: they count nothing themselves, but read
 * what the library counts when a registry is read. {@link io.millio.metrics.HttpMetrics} and
 * {@link io.millio.metrics.ConnectionMetrics} are listeners, as no one else counts what they do.
 *
 * <p>A registry keeps what its meters read: a loop, server or pool becomes unreachable only when its binder is closed,
 * which removes the meters, or the registry is given up. Every method may be called from any thread.
 */
@NullMarked
package io.millio.metrics;

import org.jspecify.annotations.NullMarked;
