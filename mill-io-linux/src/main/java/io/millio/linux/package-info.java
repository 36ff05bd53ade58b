/** The transport over epoll, and what else Linux has: any descriptor, inotify, sockets that systemd passes on. */
@NullMarked
package io.millio.linux;

import org.jspecify.annotations.NullMarked;
