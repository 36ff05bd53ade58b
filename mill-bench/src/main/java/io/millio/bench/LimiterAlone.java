package io.millio.bench;

import org.openjdk.jmh.annotations.Threads;

/** Asking a limiter for one permit, on one thread. */
@Threads(1)
public class LimiterAlone extends LimiterLoad {}
