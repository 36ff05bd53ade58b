/** Pools of objects and of direct buffers, bounded and without garbage in the steady state. */
@NullMarked
package io.millio.pool;

import org.jspecify.annotations.NullMarked;
