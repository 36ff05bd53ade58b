package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;

/** What sockets get before they are bound or connect: options, and an address of their own. */
public abstract class SocketSettingsConformance extends Conformance {
    private static final byte[] IPV6_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    private static final int BYTES = 20_000;

    /** For subclasses. */
    protected SocketSettingsConformance() {}

    private InetSocketAddress here(int port) throws IOException {
        InetSocketAddress any = (InetSocketAddress) listen(transport()).localAddress();
        return new InetSocketAddress(any.getAddress(), port);
    }

    private TcpStream connect(InetSocketAddress local, SocketSettings settings) throws IOException {
        return track(transport().openStream(peers().listen().address(), local, settings));
    }

    @Test
    void aStreamConnectsFromALocalAddress() throws IOException {
        InetSocketAddress local = here(0);
        InetSocketAddress found =
                (InetSocketAddress) connect(local, SocketSettings.NONE).localAddress();
        assertThat(found.getAddress()).isEqualTo(local.getAddress());
        assertThat(found.getPort()).isPositive();
    }

    @Test
    void aLocalAddressThatIsInUseIsRefused() throws IOException {
        int taken = ((InetSocketAddress) listen(transport()).localAddress()).getPort();
        InetSocketAddress local = here(taken);
        assertThatThrownBy(() -> connect(local, SocketSettings.NONE))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(String.valueOf(taken));
    }

    @Test
    void aLocalAddressOfAnotherMachineIsRefused() throws IOException {
        InetSocketAddress foreign =
                new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1}), 0);
        assertThatThrownBy(() -> connect(foreign, SocketSettings.NONE))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("192.0.2.1");
    }

    @Test
    void aLocalAddressOfAnotherFamilyIsRefused() throws IOException {
        InetSocketAddress newer = new InetSocketAddress(InetAddress.getByAddress(IPV6_LOOPBACK), 0);
        assertThatThrownBy(() -> connect(newer, SocketSettings.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("local", "family");
        assertThatThrownBy(() -> transport().openStream(UnixDomainSocketAddress.of("x"), newer, SocketSettings.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("local", "family");
    }

    @Test
    void optionsAreSetBeforeAStreamConnects() throws IOException {
        SocketSettings settings = SocketSettings.NONE
                .with(StandardSocketOptions.SO_KEEPALIVE, true)
                .with(StandardSocketOptions.SO_RCVBUF, BYTES)
                .with(StandardSocketOptions.TCP_NODELAY, false);
        TcpStream stream = track(transport().openStream(peers().listen().address(), null, settings));
        assertThat(stream.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
        assertThat(stream.getOption(StandardSocketOptions.TCP_NODELAY)).isFalse();
        assertThat(stream.getOption(StandardSocketOptions.SO_RCVBUF)).isBetween(BYTES, 2 * BYTES);
    }

    @Test
    void optionsAreSetBeforeAListenerIsBound() throws IOException {
        SocketSettings settings = SocketSettings.NONE.with(StandardSocketOptions.SO_RCVBUF, BYTES);
        TcpListener listener = track(transport().openListener(peers().anyAddress(), 1, settings));
        assertThat(listener.getOption(StandardSocketOptions.SO_RCVBUF)).isBetween(BYTES, 2 * BYTES);
    }

    @Test
    void anOptionThatASocketDoesNotHaveIsRefused() {
        SocketSettings foreign = SocketSettings.NONE.with(StandardSocketOptions.IP_MULTICAST_TTL, 1);
        assertThatThrownBy(() -> transport().openStream(peers().listen().address(), null, foreign))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("IP_MULTICAST_TTL");
        assertThatThrownBy(() -> transport().openListener(peers().anyAddress(), 1, foreign))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("IP_MULTICAST_TTL");
    }
}
