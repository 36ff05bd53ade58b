/**
 * The header of the PROXY protocol, as a value: who the client of a proxy is, ahead of the client's own bytes. Servers
 * receive one by {@link io.millio.net.TcpServerBuilder#proxyProtocol}, clients send one by
 * {@link io.millio.net.TcpClientBuilder#proxyHeader}. Immutable. Start at {@link io.millio.net.proxy.ProxyHeader}.
 */
@NullMarked
package io.millio.net.proxy;

import org.jspecify.annotations.NullMarked;
