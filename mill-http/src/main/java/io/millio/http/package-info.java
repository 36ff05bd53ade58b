/** HTTP/1.1 over connections: the parser, the server, a small router. */
@NullMarked
package io.millio.http;

import org.jspecify.annotations.NullMarked;
