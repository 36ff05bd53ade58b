package io.millio.net.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AddressRangeTest {
    @Test
    void addressesAreOfARangeByTheirFirstBits() throws Exception {
        AddressRange range = AddressRange.parse("10.128.0.0/9");
        assertThat(range.contains(InetAddress.getByAddress(new byte[] {10, (byte) 129, 1, 1})))
                .isTrue();
        assertThat(range.contains(InetAddress.getByAddress(new byte[] {10, 127, 1, 1})))
                .isFalse();
        assertThat(range.contains(InetAddress.getByAddress(new byte[16]))).isFalse();
        for (String bad : Arrays.asList("10.0.0.0/33", "example.org", "10.0.0.0/x", "", "::1/129", ".:1")) {
            assertThatThrownBy(() -> AddressRange.parse(bad)).hasMessageContaining("trusted: " + bad);
        }
    }
}
