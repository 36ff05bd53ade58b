package io.millio.examples.jsonrpc;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Bytes of answers, and the one generator that writes values into them. One thread at a time. */
final class Output extends OutputStream {
    private static final int USUAL_BYTES = 16 * 1024;

    private final JsonFactory factory;
    private @Nullable JsonGenerator generator;
    private byte[] bytes = new byte[256];
    private ByteBuffer view = ByteBuffer.wrap(bytes);
    private int length;

    Output(JsonFactory factory) {
        this.factory = factory;
    }

    Output clear() {
        length = 0;
        if (bytes.length > USUAL_BYTES) {
            bytes = new byte[256]; // a large answer is no reason to keep as much for ever
        }
        return this;
    }

    int length() {
        return length;
    }

    void truncate(int to) {
        length = to;
    }

    private void room(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }

    Output put(byte[] from) {
        return put(from, 0, from.length);
    }

    Output put(byte[] from, int start, int end) {
        int count = end - start;
        room(count);
        System.arraycopy(from, start, bytes, length, count);
        length += count;
        return this;
    }

    Output put(char ascii) {
        room(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    @Override
    public void write(int value) {
        put((char) value);
    }

    @Override
    public void write(byte[] from, int offset, int count) {
        put(from, offset, offset + count);
    }

    /** Has a method write one value here. If it throws, or writes more or less than that, nothing of it is left. */
    void value(RpcMethod method, Params params) throws Exception {
        int before = length;
        JsonGenerator to = generator;
        if (to == null) {
            to = factory.createGenerator(ObjectWriteContext.empty(), this, JsonEncoding.UTF8);
        }
        generator = null; // one that is left in the middle of a value is of no use
        int values = to.streamWriteContext().getEntryCount();
        try {
            method.call(params, to);
        } catch (Throwable t) {
            if (isBetweenValues(to, values)) {
                generator = to;
            }
            truncate(before);
            throw t;
        }
        if (isBetweenValues(to, values)) {
            to.writeNull();
        } else if (!isBetweenValues(to, values + 1)) {
            truncate(before);
            throw new IllegalStateException("the method has not written exactly one value");
        }
        to.flush();
        generator = to;
    }

    private static boolean isBetweenValues(JsonGenerator to, int values) {
        return to.streamWriteContext().inRoot() && to.streamWriteContext().getEntryCount() == values;
    }

    /** What was put: valid until the next change. */
    ByteBuffer view() {
        if (view.array() != bytes) {
            view = ByteBuffer.wrap(bytes);
        }
        return view.clear().limit(length);
    }

    byte[] copyFrom(int start) {
        return Arrays.copyOfRange(bytes, start, length);
    }
}
