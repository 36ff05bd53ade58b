package io.millio.bench;

import com.google.common.util.concurrent.RateLimiter;
import io.github.bucket4j.Bucket;
import java.time.Duration;

/**
 * A limiter of rate, as the benchmarks see it: one that lets everything through, or one that lets next to nothing
 * through.
 */
@FunctionalInterface
interface Limiter {
    /** More than any caller requests, and yet a rate that every subject supports. */
    long MANY_PER_SECOND = 1_000_000_000;

    boolean tryAcquire();

    /** Opens the subject of that name. */
    static Limiter open(String subject, String answer) {
        long rate = switch (answer) {
            case "granted" -> MANY_PER_SECOND;
            case "refused" -> 1;
            default -> throw new IllegalArgumentException("answer: " + answer);
        };
        return switch (subject) {
            case "Mill.RateLimiter" -> io.millio.limit.RateLimiter.perSecond(rate)::tryAcquire;
            case "Guava.RateLimiter" -> guava(rate);
            case "Bucket4j.Bucket" -> bucket(rate);
            default -> throw new IllegalArgumentException("subject: " + subject);
        };
    }

    @SuppressWarnings("UnstableApiUsage") // it has been a beta for many years
    private static Limiter guava(long rate) {
        return RateLimiter.create((double) rate)::tryAcquire;
    }

    private static Limiter bucket(long rate) {
        Bucket bucket = Bucket.builder()
                .addLimit(limit -> limit.capacity(rate).refillGreedy(rate, Duration.ofSeconds(1)))
                .withNanosecondPrecision()
                .build();
        return () -> bucket.tryConsume(1);
    }
}
