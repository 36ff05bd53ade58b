package io.millio.examples.jsonrpc;

import tools.jackson.core.JsonGenerator;

/** A method that can be called. */
@FunctionalInterface
public interface RpcMethod {
    /**
     * One call.
     *
     * @param params valid until this returns
     * @param result takes exactly one JSON value; none at all is answered as null
     * @throws RpcException the error to answer
     * @throws Exception any other is answered as an internal error, and logged
     */
    void call(Params params, JsonGenerator result) throws Exception;
}
