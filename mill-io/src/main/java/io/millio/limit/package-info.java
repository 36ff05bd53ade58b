/** Limits of rate: how many permits may be taken in how much time, in all or for each key. */
@NullMarked
package io.millio.limit;

import org.jspecify.annotations.NullMarked;
