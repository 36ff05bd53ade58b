/** The test suite for transports. */
@NullMarked
package io.millio.testkit;

import org.jspecify.annotations.NullMarked;
