/**
 * What the modules of this library share and users do not see: argument checks, rethrowing, the file of a Unix-domain
 * listener. Exported to the sibling modules only; it may change at any time.
 *
 * <p>All classes are stateless or immutable and may be used from any thread.
 */
@org.jspecify.annotations.NullMarked
package io.millio.internal;
