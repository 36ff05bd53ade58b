/**
 * Histograms of durations: {@link io.millio.stats.HistogramRecorder} counts them, on one thread;
 * {@link io.millio.stats.Histogram} is a copy of the counts that any thread can read percentiles from.
 */
@NullMarked
package io.millio.stats;

import org.jspecify.annotations.NullMarked;
