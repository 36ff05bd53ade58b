package io.millio.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.http.Outcome;
import io.millio.http.AccessLog;
import io.millio.http.HttpRequest;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Times the requests of an HTTP server: the timer {@code http.server.requests}, as other servers have it. It is the
 * server's {@linkplain io.millio.http.HttpOptions#withAccessLog access log}, and passes each call on to the program's
 * own:
 *
 * <pre>{@code
 * HttpMetrics metrics = new HttpMetrics(registry, Tags.empty(), ownLog);
 * HttpServer.builder().options(HttpOptions.DEFAULT.withAccessLog(metrics));
 * }</pre>
 *
 * <p>Tags: {@code method}, {@code OTHER} if it is not one of RFC 9110 or PATCH; {@code uri}, the
 * {@linkplain HttpRequest#route route}, or without one {@code NOT_FOUND} or {@code UNKNOWN}; {@code status},
 * {@code UNKNOWN} if the connection ended before there was one; {@code outcome}. So the number of timers is bounded by
 * the program, whatever clients send. The time is the access log's: from the end of the head until the last byte of the
 * answer was sent, a slow client's time included.
 *
 * <p>One object serves any number of servers. Recording is O(1), and makes one small object a request.
 */
public final class HttpMetrics implements AccessLog, AutoCloseable {
    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT");

    private final MeterRegistry registry;
    private final Tags tags;
    private final @Nullable AccessLog next;

    /** Written under the lock of this; read by the loops without it. */
    private final ConcurrentHashMap<Key, Timer> timers = new ConcurrentHashMap<>();

    // Guarded by this.
    private boolean closed;

    /** Makes an access log that only records. */
    public HttpMetrics(MeterRegistry registry, Iterable<Tag> tags) {
        this(registry, tags, null);
    }

    /**
     * Makes an access log that records and then calls another one.
     *
     * @param tags of all timers
     * @param next null: none
     */
    public HttpMetrics(MeterRegistry registry, Iterable<Tag> tags, @Nullable AccessLog next) {
        this.registry = Objects.requireNonNull(registry, "registry");
        this.tags = Tags.of(tags);
        this.next = next;
    }

    @Override
    public void log(HttpRequest request, int status, long bodyBytes, boolean complete, long nanos) {
        try {
            record(request, status, nanos);
        } finally {
            if (next != null) {
                next.log(request, status, bodyBytes, complete, nanos);
            }
        }
    }

    private void record(HttpRequest request, int status, long nanos) {
        Key key = new Key(method(request), uri(request, status), status);
        Timer timer = timers.get(key);
        if (timer == null) {
            timer = register(key);
        }
        if (timer != null) {
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    private static String method(HttpRequest request) {
        for (int i = 0; i < METHODS.size(); i++) {
            if (request.isMethod(METHODS.get(i))) {
                return METHODS.get(i);
            }
        }
        return "OTHER";
    }

    private static String uri(HttpRequest request, int status) {
        String route = request.route();
        if (route != null) {
            return route;
        }
        return status == 404 ? "NOT_FOUND" : "UNKNOWN";
    }

    private synchronized @Nullable Timer register(Key key) {
        if (closed) {
            return null;
        }
        return timers.computeIfAbsent(
                key,
                absent -> Timer.builder("http.server.requests")
                        .description("Time from the head of a request to the end of its answer")
                        .tags(tags)
                        .tag("method", absent.method)
                        .tag("uri", absent.uri)
                        .tag("status", absent.status == 0 ? "UNKNOWN" : Integer.toString(absent.status))
                        .tags(List.of(Outcome.forStatus(absent.status).asTag()))
                        .register(registry));
    }

    /** Removes the timers; requests are not recorded any more, but still passed on. A second call does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        timers.values().forEach(registry::remove);
        timers.clear();
    }

    private record Key(String method, String uri, int status) {}
}
