package io.millio;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Looks up host names without blocking the caller. Implementations may be called from any thread. */
@FunctionalInterface
public interface Resolver {
    /**
     * Starts the look-up of a host name or a literal address.
     *
     * @return completes with at least one address, the preferred first, or with the failure, usually an
     *     {@link java.net.UnknownHostException}; on which thread is the implementation's choice
     * @throws java.util.concurrent.RejectedExecutionException if the resolver is closed
     */
    CompletableFuture<List<InetAddress>> resolve(String host);
}
