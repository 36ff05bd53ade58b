/**
 * What a server must answer, and what it must refuse, before its speed counts. Start with
 * {@link io.millio.bench.http.gate.Gate}. Blocking, one thread.
 */
@NullMarked
package io.millio.bench.http.gate;

import org.jspecify.annotations.NullMarked;
