/** Pools of worker threads: one for the handlers of event sources, one for computations with priorities. */
@NullMarked
package io.millio.task;

import org.jspecify.annotations.NullMarked;
