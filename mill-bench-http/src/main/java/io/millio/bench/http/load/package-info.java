/**
 * The load: a fixed number of connections, each of which sends its next request when the last one is answered. Start
 * with {@link io.millio.bench.http.load.Load}. One thread.
 */
@NullMarked
package io.millio.bench.http.load;

import org.jspecify.annotations.NullMarked;
