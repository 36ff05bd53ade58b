/**
 * The configuration of TLS: a {@link io.millio.net.tls.TlsContext} says which certificates a side shows, whom it trusts
 * and what it negotiates. Immutable or thread-safe. Start at {@link io.millio.net.tls.TlsContext#server()} and
 * {@link io.millio.net.tls.TlsContext#client()}.
 */
@NullMarked
package io.millio.net.tls;

import org.jspecify.annotations.NullMarked;
