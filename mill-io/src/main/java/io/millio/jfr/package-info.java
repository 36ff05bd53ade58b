/**
 * Events of the JDK's flight recorder: what they hold, and the branch that is all they cost while no recording wants
 * them. Works without the module {@code jdk.jfr}. Begin at {@link io.millio.jfr.LoopRecording}.
 */
@NullMarked
package io.millio.jfr;

import org.jspecify.annotations.NullMarked;
