/** Examples. */
@NullMarked
package io.millio.examples;

import org.jspecify.annotations.NullMarked;
