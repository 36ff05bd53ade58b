/** Stress tests of the Linux transport. */
@NullMarked
package io.millio.linux;

import org.jspecify.annotations.NullMarked;
