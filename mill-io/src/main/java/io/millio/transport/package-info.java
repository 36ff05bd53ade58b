/** The polling abstraction: what a loop asks of the system, and the sockets that it can poll. */
@NullMarked
package io.millio.transport;

import org.jspecify.annotations.NullMarked;
