/** Stress tests of what is lock-free in the loop; in its package, because it is nobody else's. */
@NullMarked
package io.millio;

import org.jspecify.annotations.NullMarked;
