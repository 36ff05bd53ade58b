/** JSON-RPC 2.0: methods, what makes answers of messages, and its transports over connections and HTTP. */
@NullMarked
package io.millio.examples.jsonrpc;

import org.jspecify.annotations.NullMarked;
