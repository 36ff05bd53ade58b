/**
 * The memory that connections may use together, and what is done before it is exhausted. Any thread. Start at
 * {@link io.millio.net.memory.MemoryBudget}.
 */
@NullMarked
package io.millio.net.memory;

import org.jspecify.annotations.NullMarked;
