package io.millio.examples.jsonrpc;

import org.jspecify.annotations.Nullable;

/**
 * An error that is answered to the caller: its code, its message, and perhaps what more there is to say. Has no stack
 * trace.
 */
public final class RpcException extends Exception {
    /** What came is no JSON. */
    public static final int PARSE_ERROR = -32700;

    /** What came is JSON, but no request. */
    public static final int INVALID_REQUEST = -32600;

    /** There is no such method. */
    public static final int METHOD_NOT_FOUND = -32601;

    /** The method can't work with these parameters. */
    public static final int INVALID_PARAMS = -32602;

    /** The method has failed. */
    public static final int INTERNAL_ERROR = -32603;

    /** The server has no room for the call now. Of the range that is left to servers. */
    public static final int BUSY = -32000;

    private static final long serialVersionUID = 1;

    private final int code;
    private final @Nullable String data;

    /**
     * An error of a program's own.
     *
     * @param data sent as a string; null for none
     */
    public RpcException(int code, String message, @Nullable String data) {
        super(message, null, false, false);
        this.code = code;
        this.data = data;
    }

    static RpcException parseError() {
        return new RpcException(PARSE_ERROR, "Parse error", null);
    }

    static RpcException invalidRequest(@Nullable String why) {
        return new RpcException(INVALID_REQUEST, "Invalid Request", why);
    }

    static RpcException methodNotFound() {
        return new RpcException(METHOD_NOT_FOUND, "Method not found", null);
    }

    /** For parameters that the method can't work with. */
    public static RpcException invalidParams(String why) {
        return new RpcException(INVALID_PARAMS, "Invalid params", why);
    }

    static RpcException internalError() {
        return new RpcException(INTERNAL_ERROR, "Internal error", null);
    }

    static RpcException busy() {
        return new RpcException(BUSY, "Server is busy", null);
    }

    /** The code. */
    public int code() {
        return code;
    }

    /** The message, in a few words. */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** What more there is to say; null for nothing. */
    public @Nullable String data() {
        return data;
    }
}
