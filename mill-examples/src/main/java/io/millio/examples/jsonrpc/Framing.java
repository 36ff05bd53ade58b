package io.millio.examples.jsonrpc;

import io.millio.net.Connection;
import io.millio.net.WriteResult;
import io.millio.net.frame.FrameDecoder;
import java.nio.ByteBuffer;
import java.util.Locale;

/** How messages are delimited on a connection. */
public enum Framing {
    /** A message a line: JSON has no line end within its texts, and messages are written without any around them. */
    LINE,
    /** The length of a message before it, as four bytes, the highest first. */
    LENGTH;

    private static final byte[] LINE_END = {'\n'};

    /** What cuts messages out of what comes. */
    public FrameDecoder decoder(int maxBytes) {
        return this == LINE ? FrameDecoder.lines(maxBytes) : FrameDecoder.lengthPrefixed(maxBytes, Integer.BYTES);
    }

    /** Writes one message; returns what the connection does. In its loop. */
    public WriteResult write(Connection connection, ByteBuffer message) {
        if (this == LINE) {
            connection.write(message);
            return connection.write(ByteBuffer.wrap(LINE_END));
        }
        connection.write(
                ByteBuffer.allocate(Integer.BYTES).putInt(message.remaining()).flip());
        return connection.write(message);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
