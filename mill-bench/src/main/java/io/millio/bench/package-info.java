/** Benchmarks of Mill-IO next to the platform and other libraries, and the command that runs them. */
@NullMarked
package io.millio.bench;

import org.jspecify.annotations.NullMarked;
