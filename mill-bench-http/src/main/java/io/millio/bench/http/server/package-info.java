/**
 * The servers that are compared, each in its usual configuration and a process of its own. Start with
 * {@link io.millio.bench.http.server.Server}, the list of them, and {@link io.millio.bench.http.server.Routes}, what
 * they all answer.
 */
@NullMarked
package io.millio.bench.http.server;

import org.jspecify.annotations.NullMarked;
