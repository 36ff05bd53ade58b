package io.millio.http;

import io.millio.http.wire.HeadLimits;
import io.millio.internal.Arguments;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The limits and timeouts of an HTTP server: immutable; each {@code with} method gives a changed copy, and checks its
 * argument. A zero timeout means none.
 */
public final class HttpOptions {
    /** The defaults that the methods name. */
    public static final HttpOptions DEFAULT = new HttpOptions();

    // Set before an instance is given out, never after.
    private int maxRequestLineBytes = 8 << 10;
    private int maxFields = 100;
    private int maxFieldBytes = 32 << 10;
    private long maxBodyBytes = 1 << 20;
    private long headNanos = 10_000_000_000L;
    private long bodyNanos = 30_000_000_000L;
    private long minBodyRate = 500;
    private long idleNanos = 60_000_000_000L;
    private long responseNanos;
    private boolean halfClose;
    private Clock clock = Clock.systemUTC();
    private @Nullable AccessLog accessLog;
    private @Nullable ResponseFilter responseFilter;
    private @Nullable Compression compression;
    private @Nullable ErrorRenderer errorRenderer;
    private @Nullable RefusalListener refusalListener;

    private HttpOptions() {}

    private HttpOptions(HttpOptions from) {
        maxRequestLineBytes = from.maxRequestLineBytes;
        maxFields = from.maxFields;
        maxFieldBytes = from.maxFieldBytes;
        maxBodyBytes = from.maxBodyBytes;
        headNanos = from.headNanos;
        bodyNanos = from.bodyNanos;
        minBodyRate = from.minBodyRate;
        idleNanos = from.idleNanos;
        responseNanos = from.responseNanos;
        halfClose = from.halfClose;
        clock = from.clock;
        accessLog = from.accessLog;
        responseFilter = from.responseFilter;
        compression = from.compression;
        errorRenderer = from.errorRenderer;
        refusalListener = from.refusalListener;
    }

    private HttpOptions with(Consumer<HttpOptions> change) {
        HttpOptions changed = new HttpOptions(this);
        change.accept(changed);
        return changed;
    }

    /**
     * How large a head may be.
     *
     * @param requestLineBytes 16 to 256 Ki; more is answered with 414. Default 8 KiB
     * @param fields 1 to 10,000; more are answered with 431. Default 100
     * @param fieldBytes 16 to 256 Ki, of all fields together; more is answered with 431. Default 32 KiB. A trailer may
     *     be as large, and so may the extensions of all chunks of a body, which more of are answered with 400
     */
    public HttpOptions withMaxHead(int requestLineBytes, int fields, int fieldBytes) {
        Arguments.between(16, requestLineBytes, 256 << 10, "requestLineBytes");
        Arguments.between(1, fields, 10_000, "fields");
        Arguments.between(16, fieldBytes, 256 << 10, "fieldBytes");
        HttpOptions changed = new HttpOptions(this);
        changed.maxRequestLineBytes = requestLineBytes;
        changed.maxFields = fields;
        changed.maxFieldBytes = fieldBytes;
        return changed;
    }

    /** How large the body of a request may be, at least 0; a larger one is answered with 413. Default 1 MiB. */
    public HttpOptions withMaxBodyBytes(long bytes) {
        return with(changed -> changed.maxBodyBytes = Arguments.between(0, bytes, Long.MAX_VALUE, "maxBodyBytes"));
    }

    /** How long a head may take from its first byte to its last; then it is answered with 408. Default 10 seconds. */
    public HttpOptions withHeadTimeout(Duration timeout) {
        return with(changed -> changed.headNanos = Arguments.nanos(timeout, "headTimeout"));
    }

    /**
     * How long the next bytes of a body may take, while the handler wants them; then 408. A body that comes more slowly
     * than {@linkplain #withMinBodyRate its least rate} uses the time up too. Default 30 seconds.
     */
    public HttpOptions withBodyTimeout(Duration timeout) {
        return with(changed -> changed.bodyNanos = Arguments.nanos(timeout, "bodyTimeout"));
    }

    /**
     * How fast a body must come on average, in bytes a second, at least 0, so that a peer can't hold a request for ever
     * by a byte now and then: what comes gives back of the body timeout the time that it would have taken at this rate,
     * and no more. Default 500; with 0 any byte gives back all of it.
     */
    public HttpOptions withMinBodyRate(long bytesPerSecond) {
        return with(changed ->
                changed.minBodyRate = Arguments.between(0, bytesPerSecond, Long.MAX_VALUE, "bytesPerSecond"));
    }

    /** How long a connection may be idle between requests; then it is closed. Default a minute. */
    public HttpOptions withIdleTimeout(Duration timeout) {
        return with(changed -> changed.idleNanos = Arguments.nanos(timeout, "idleTimeout"));
    }

    /**
     * How long a handler may take before it begins its answer, from when the head and what it reads of the body have
     * been read; then 503, the connection is closed, and the error handler is called. Default none.
     */
    public HttpOptions withResponseTimeout(Duration timeout) {
        return with(changed -> changed.responseNanos = Arguments.nanos(timeout, "responseTimeout"));
    }

    /**
     * Whether a client may shut down its output and still get the answer. Without this option the end of input during a
     * pending answer is taken for the end of the client: the connection is closed, and what was given to
     * {@link HttpResponse#onClosed} runs. Default false, as hardly any client shuts down only its output, and one that
     * has left looks the same as one that waits.
     */
    public HttpOptions withHalfClose(boolean allowed) {
        return with(changed -> changed.halfClose = allowed);
    }

    boolean halfClose() {
        return halfClose;
    }

    /** Sets the clock of the Date field. Default: the system's. */
    public HttpOptions withClock(Clock clock) {
        return with(changed -> changed.clock = Objects.requireNonNull(clock, "clock"));
    }

    /** Sets the access log, called once for each request when its answer has been sent or cut off. Default: none. */
    public HttpOptions withAccessLog(AccessLog log) {
        return with(changed -> changed.accessLog = Objects.requireNonNull(log, "log"));
    }

    HeadLimits headLimits() {
        return new HeadLimits(maxRequestLineBytes, maxFields, maxFieldBytes);
    }

    int maxHeadBytes() {
        return maxRequestLineBytes + maxFieldBytes + 64;
    }

    long maxBodyBytes() {
        return maxBodyBytes;
    }

    long nanosOf(Waiting waiting) {
        return switch (waiting) {
            case NOTHING -> 0;
            case NEXT -> idleNanos;
            case HEAD -> headNanos;
            case BODY -> bodyNanos;
            case ANSWER -> responseNanos;
        };
    }

    /** Has every answer pass a filter before its head is sent, errors and refusals included. Default none. */
    public HttpOptions withResponseFilter(ResponseFilter filter) {
        return with(changed -> changed.responseFilter = Objects.requireNonNull(filter, "filter"));
    }

    /** Compresses answers, for clients that accept that. Default none. */
    public HttpOptions withCompression(Compression compression) {
        return with(changed -> changed.compression = Objects.requireNonNull(compression, "compression"));
    }

    /** Renders the bodies of errors. Default a line of text with the status and its name. */
    public HttpOptions withErrorRenderer(ErrorRenderer renderer) {
        return with(changed -> changed.errorRenderer = Objects.requireNonNull(renderer, "renderer"));
    }

    /** Is called for each request that the server itself refuses, with the reason. Default none. */
    public HttpOptions withRefusalListener(RefusalListener listener) {
        return with(changed -> changed.refusalListener = Objects.requireNonNull(listener, "listener"));
    }

    /** How much of the body timeout so many bytes give back. */
    long earnedNanos(int bodyBytes) {
        if (minBodyRate == 0) {
            return bodyBytes == 0 ? 0 : bodyNanos;
        }
        return bodyBytes * 1_000_000_000L / minBodyRate;
    }

    Clock clock() {
        return clock;
    }

    @Nullable
    AccessLog accessLog() {
        return accessLog;
    }

    @Nullable
    ResponseFilter responseFilter() {
        return responseFilter;
    }

    @Nullable
    Compression compression() {
        return compression;
    }

    @Nullable
    ErrorRenderer errorRenderer() {
        return errorRenderer;
    }

    @Nullable
    RefusalListener refusalListener() {
        return refusalListener;
    }
}
