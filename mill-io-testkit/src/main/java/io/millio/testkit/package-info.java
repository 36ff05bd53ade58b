/**
 * For tests of programs on Mill-IO: a simulated network, a clock that a test moves, a transport with faults to order.
 */
@NullMarked
package io.millio.testkit;

import org.jspecify.annotations.NullMarked;
