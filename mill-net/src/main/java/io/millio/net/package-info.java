/** Servers and clients whose connections read, write, wait and end as real networks need it; framing; datagrams. */
@NullMarked
package io.millio.net;

import org.jspecify.annotations.NullMarked;
