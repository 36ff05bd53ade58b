/** Stress tests of connections; in their package, because what they test is not public. */
@NullMarked
package io.millio.net;

import org.jspecify.annotations.NullMarked;
