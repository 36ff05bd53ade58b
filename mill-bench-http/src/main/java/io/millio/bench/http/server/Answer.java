package io.millio.bench.http.server;

/**
 * An answer before it is encoded.
 *
 * @param type the media type of the body
 * @param body not to be modified
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Answer(int status, String type, byte[] body) {}
