/** The transport over {@code java.nio}, for every platform. */
@NullMarked
package io.millio.transport.nio;

import org.jspecify.annotations.NullMarked;
