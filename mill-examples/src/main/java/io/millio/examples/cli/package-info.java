/** What the examples and the benchmarks understand of their command lines, read with Commons CLI. */
@NullMarked
package io.millio.examples.cli;

import org.jspecify.annotations.NullMarked;
