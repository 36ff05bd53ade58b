/**
 * HTTP/1.1 as bytes: the parser of request heads, the decoder of chunked bodies, and the syntax of fields, targets,
 * dates and ranges. Not exported; it knows neither connections nor the loop. Each object belongs to one thread at a
 * time. Start reading at {@link io.millio.http.wire.RequestParser}.
 */
@NullMarked
package io.millio.http.wire;

import org.jspecify.annotations.NullMarked;
