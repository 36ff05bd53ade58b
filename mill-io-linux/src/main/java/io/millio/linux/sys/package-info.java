/**
 * The face of the C library: calls, layouts, constants, errno, memory for calls, and the count of uses that keeps a
 * descriptor open while a call needs it. Knows nothing of the packages above; not exported. Start with
 * {@link io.millio.linux.sys.Function}. Any thread, unless a class says otherwise.
 */
@NullMarked
package io.millio.linux.sys;

import org.jspecify.annotations.NullMarked;
