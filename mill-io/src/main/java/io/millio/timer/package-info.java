/** Timers for an event loop's turn: a hierarchical timer wheel that never reads a clock it was not given. */
@NullMarked
package io.millio.timer;

import org.jspecify.annotations.NullMarked;
