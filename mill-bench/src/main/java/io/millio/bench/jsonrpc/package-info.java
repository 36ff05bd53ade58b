/**
 * Calls by JSON-RPC: the example's service on Mill-IO and on Netty, each in a process of its own, under the same load.
 */
@NullMarked
package io.millio.bench.jsonrpc;

import org.jspecify.annotations.NullMarked;
