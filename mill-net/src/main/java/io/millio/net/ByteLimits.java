package io.millio.net;

import io.millio.limit.RateLimiter;
import org.jspecify.annotations.Nullable;

/** The limits that all connections of a server or client share; null: there is none. */
record ByteLimits(@Nullable RateLimiter reading, @Nullable RateLimiter writing) {
    static final ByteLimits NONE = new ByteLimits(null, null);
}
