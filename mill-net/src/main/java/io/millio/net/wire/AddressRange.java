package io.millio.net.wire;

import io.millio.internal.Arguments;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * The addresses that begin with the same bits, as CIDR writes them (RFC 4632): {@code 10.0.0.0/8}, {@code fd00::/8}.
 */
public final class AddressRange {
    private final byte[] network;
    private final int bits;

    private AddressRange(byte[] network, int bits) {
        this.network = network;
        this.bits = bits;
    }

    /** Parses an address with a length in bits, or without one for that address alone. */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        try {
            boolean literal = address.indexOf(':') >= 0
                    || (!address.isEmpty() && address.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9')));
            byte[] network = literal ? InetAddress.getByName(address).getAddress() : new byte[0];
            int bits = slash < 0 ? network.length * 8 : Integer.parseInt(text.substring(slash + 1));
            if (literal && bits >= 0 && bits <= network.length * 8) {
                return new AddressRange(network, bits);
            }
        } catch (UnknownHostException | NumberFormatException e) {
            // refused as any other text
        }
        throw Arguments.refused("trusted", text, "must be an address with bits, as 10.0.0.0/8");
    }

    /** Whether an address is in this range. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != network.length) {
            return false;
        }
        for (int i = 0, left = bits; left > 0; i++, left -= 8) {
            int mask = left >= 8 ? 0xff : 0xff << (8 - left);
            if (((bytes[i] ^ network[i]) & mask & 0xff) != 0) {
                return false;
            }
        }
        return true;
    }
}
