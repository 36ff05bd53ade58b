package io.millio.net.wire;

import io.millio.internal.Arguments;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

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
            if (address.matches("[0-9A-Fa-f]*:.*|[0-9][0-9.]*")) { // a literal: nothing is looked up
                byte[] network = InetAddress.getByName(address).getAddress();
                int bits = slash < 0 ? network.length * 8 : Integer.parseInt(text.substring(slash + 1));
                if (bits >= 0 && bits <= network.length * 8) {
                    return new AddressRange(network, bits);
                }
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
        int at = Arrays.mismatch(bytes, network);
        return at < 0 || 8 * at + Integer.numberOfLeadingZeros((bytes[at] ^ network[at]) << 24) >= bits;
    }
}
