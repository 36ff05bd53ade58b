/** The behaviours that every transport must have, as a JUnit suite. */
@NullMarked
package io.millio.testkit.conformance;

import org.jspecify.annotations.NullMarked;
