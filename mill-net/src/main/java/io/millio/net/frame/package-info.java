/**
 * Decoders that cut the bytes of a connection into frames: lines, delimited, fixed size, behind a length field. A
 * decoder is stateless and shared by any number of connections and threads. Start at
 * {@link io.millio.net.frame.FrameDecoder}.
 */
@NullMarked
package io.millio.net.frame;

import org.jspecify.annotations.NullMarked;
