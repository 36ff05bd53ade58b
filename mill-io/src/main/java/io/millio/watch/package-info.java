/** File watching: files created, modified, deleted and moved are reported in the turns of an event loop. */
@NullMarked
package io.millio.watch;

import org.jspecify.annotations.NullMarked;
