/**
 * Counts the memory that connections hold, exactly and without a lock: a holder counts for itself, its loop sums up,
 * and a total for all loops decides how scarce memory is. Not exported. Any thread, and called with locks held: nothing
 * in here calls a loop or a callback. Start at {@link io.millio.net.account.MemoryTotal}.
 */
@NullMarked
package io.millio.net.account;

import org.jspecify.annotations.NullMarked;
