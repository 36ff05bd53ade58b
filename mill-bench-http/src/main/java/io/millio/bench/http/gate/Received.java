package io.millio.bench.http.gate;

/** An answer that was received. */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Received(int status, byte[] body) {}
