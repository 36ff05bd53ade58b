/**
 * Compares HTTP servers: what they accept and refuse, and what a request costs them. Start with
 * {@link io.millio.bench.http.Comparison}. One thread; the servers and the load are processes of their own.
 */
@NullMarked
package io.millio.bench.http;

import org.jspecify.annotations.NullMarked;
