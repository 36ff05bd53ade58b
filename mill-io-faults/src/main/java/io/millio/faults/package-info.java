/**
 * Fault injection: runs a scenario again and again and has another allocation, call or method entry fail each time, as
 * SQLite is tested ("How SQLite Is Tested", section 3).
 *
 * <p>Start with {@link io.millio.faults.FaultSweep}. The classes under test are rewritten while they are loaded: see
 * {@link io.millio.faults.FaultClassLoader}. For one sweep at a time in a virtual machine.
 */
@NullMarked
package io.millio.faults;

import org.jspecify.annotations.NullMarked;
