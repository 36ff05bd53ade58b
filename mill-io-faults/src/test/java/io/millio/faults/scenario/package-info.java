/** The scenarios of the fault sweeps: loaded with the classes under test, apart from the sweep itself. */
@NullMarked
package io.millio.faults.scenario;

import org.jspecify.annotations.NullMarked;
