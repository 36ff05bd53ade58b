/** Stress tests of the memory budget. */
@NullMarked
package io.millio.net.account;

import org.jspecify.annotations.NullMarked;
