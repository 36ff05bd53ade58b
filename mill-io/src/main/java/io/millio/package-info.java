/** The event loop: sources and their handlers, tasks and timers, one turn at a time. */
@NullMarked
package io.millio;

import org.jspecify.annotations.NullMarked;
