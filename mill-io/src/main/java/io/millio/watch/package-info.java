/** Watching files: what was created, modified, deleted and moved, told in the turns of an event loop. */
@NullMarked
package io.millio.watch;

import org.jspecify.annotations.NullMarked;
