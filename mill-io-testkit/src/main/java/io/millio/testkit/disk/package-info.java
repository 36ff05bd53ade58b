/**
 * A file system in memory, which asks a {@link io.millio.testkit.disk.DiskAccess} before each operation. Start reading
 * at {@link io.millio.testkit.disk.DiskFileSystem}. One thread at a time, as in a simulation: nothing is locked.
 */
@NullMarked
package io.millio.testkit.disk;

import org.jspecify.annotations.NullMarked;
