package io.millio.net;

import io.millio.net.tls.TlsContext;
import io.millio.net.wire.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of a server or client go through before they open, and the listener for those that do not open.
 * Immutable.
 *
 * @param tls null: none
 * @param proxies the addresses that must send a PROXY header, and no other may connect; null: the protocol is not used
 */
record SetupOptions(
        @Nullable TlsContext tls,
        @Nullable List<AddressRange> proxies,
        @Nullable RefusalListener refusals) {
    boolean isNone() {
        return tls == null && proxies == null;
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
