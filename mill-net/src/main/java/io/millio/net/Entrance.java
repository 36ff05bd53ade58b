package io.millio.net;

import io.millio.net.tls.TlsContext;
import io.millio.net.wire.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of a server or client have to go through before they open, and who is told of those that don't.
 * Immutable.
 *
 * @param tls null: none
 * @param proxies who must send a PROXY header, and nobody else may connect; null: the protocol is not spoken
 */
record Entrance(
        @Nullable TlsContext tls,
        @Nullable List<AddressRange> proxies,
        @Nullable RefusalListener refusals) {
    /** Nothing at all. */
    static final Entrance OPEN = new Entrance(null, null, null);

    boolean isOpen() {
        return tls == null && proxies == null;
    }

    /** Whether an address may send a PROXY header: who has reached a Unix-domain socket may. */
    boolean trusts(SocketAddress remote) {
        if (proxies == null || !(remote instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return true;
        }
        InetAddress address = inet.getAddress();
        return proxies.stream().anyMatch(each -> each.contains(address));
    }
}
