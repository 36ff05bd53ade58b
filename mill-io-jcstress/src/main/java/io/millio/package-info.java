/** Stress tests of the lock-free state of the loop; in its package, as the tested classes are package-private. */
@NullMarked
package io.millio;

import org.jspecify.annotations.NullMarked;
