package io.millio.http;

import java.io.IOException;

/** Thrown by blocking streams for what the client or the server has done: nothing to report, as its cause says. */
final class BodyException extends IOException {
    private static final long serialVersionUID = 1;

    private final HttpException refusal;

    BodyException(HttpException refusal) {
        super(refusal.getMessage(), refusal);
        this.refusal = refusal;
    }

    HttpException refusal() {
        return refusal;
    }
}
