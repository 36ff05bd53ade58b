package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.linux.sys.Constants;
import io.millio.linux.sys.SocketAddresses;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;

/** Addresses on their way to the system and back, without an interface that has them. */
@EnabledForJreRange(minVersion = 22, disabledReason = "a transport for Java 22")
class SocketAddressesTest {
    private static InetSocketAddress there(InetAddress address, int family) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(SocketAddresses.MAX_BYTES, 8).fill((byte) -1);
            int length = SocketAddresses.encode(new InetSocketAddress(address, 40_001), family, memory);
            InetSocketAddress back = (InetSocketAddress) Objects.requireNonNull(SocketAddresses.decode(memory, length));
            assertThat(back.getPort()).isEqualTo(40_001);
            return back;
        }
    }

    @Test
    void theScopeOfALinkLocalAddressGoesThereAndBack() throws IOException {
        byte[] bytes = InetAddress.getByName("fe80::1:2").getAddress();
        for (int scope : new int[] {1, 7, 70_000}) {
            InetAddress back = there(Inet6Address.getByAddress(null, bytes, scope), Constants.AF_INET6)
                    .getAddress();
            assertThat(back.getAddress()).isEqualTo(bytes);
            assertThat(((Inet6Address) back).getScopeId()).isEqualTo(scope);
        }
        InetAddress without =
                there(InetAddress.getByAddress(bytes), Constants.AF_INET6).getAddress();
        assertThat(((Inet6Address) without).getScopeId()).isZero();
    }

    @Test
    void anAddressOfIpv4IsMappedOnASocketOfIpv6() throws IOException {
        InetAddress address = InetAddress.getByName("192.0.2.7");
        for (int family : new int[] {Constants.AF_INET, Constants.AF_INET6}) {
            assertThat(there(address, family).getAddress()).isEqualTo(address);
        }
    }
}
