package io.millio.net;

import io.millio.net.proxy.ProxyHeader;
import io.millio.net.tls.TlsContext;
import io.millio.net.wire.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of a server or client go through before they open, and the listener for those that do not open.
 * Immutable.
 *
 * @param tls null: none
 * @param proxies the addresses that must send a PROXY header, and no other may connect; null: the protocol is not used
 * @param header makes the PROXY header that a client sends on a connection; null: none
 */
record SetupOptions(
        @Nullable TlsContext tls,
        @Nullable List<AddressRange> proxies,
        @Nullable RefusalListener refusals,
        @Nullable Function<? super Connection, ProxyHeader> header) {
    static final SetupOptions NONE = new SetupOptions(null, null, null, null);

    SetupOptions withTls(TlsContext context) {
        return new SetupOptions(context, proxies, refusals, header);
    }

    SetupOptions withHeader(Function<? super Connection, ProxyHeader> made) {
        return new SetupOptions(tls, proxies, refusals, made);
    }

    boolean isNone() {
        return tls == null && proxies == null && header == null;
    }

    /** Whether an address may send a PROXY header: any client of a Unix-domain socket may. */
    boolean trusts(SocketAddress remote) {
        if (proxies == null || !(remote instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return true;
        }
        InetAddress address = inet.getAddress();
        return proxies.stream().anyMatch(each -> each.contains(address));
    }
}
