/**
 * Texts for people about the connections of a server, made from values: {@link io.millio.net.report.ConnectionTable}.
 */
@NullMarked
package io.millio.net.report;

import org.jspecify.annotations.NullMarked;
