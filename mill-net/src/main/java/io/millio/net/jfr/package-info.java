/**
 * Events of the JDK's flight recorder about connections: what they hold, and the branch that is all they cost while no
 * recording wants them. Works without the module {@code jdk.jfr}. Begin at
 * {@link io.millio.net.jfr.ConnectionRecording}.
 */
@NullMarked
package io.millio.net.jfr;

import org.jspecify.annotations.NullMarked;
