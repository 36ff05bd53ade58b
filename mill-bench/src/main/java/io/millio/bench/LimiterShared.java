package io.millio.bench;

import org.openjdk.jmh.annotations.Threads;

/** Asking one limiter for one permit, on two threads at once; the time is that of a call. */
@Threads(2)
public class LimiterShared extends LimiterLoad {}
