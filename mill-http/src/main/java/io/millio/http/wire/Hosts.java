package io.millio.http.wire;

/**
 * What may stand in a Host field: a host, in brackets if it is an IPv6 address, and a port (RFC 9110, 7.2; RFC 3986,
 * 3.2.2). Addresses of a later version, which the grammar has room for, do not exist and are refused.
 */
public final class Hosts {
    private static final int IPV6_GROUPS = 8;
    private static final int IPV4_OCTETS = 4;

    private Hosts() {}

    /** Returns whether it is well-formed. O(length). */
    public static boolean isValid(byte[] in, int at, int length) {
        if (length == 0) {
            return false;
        }
        int end = at + length;
        int hostEnd = in[at] == '[' ? afterBracket(in, at, end) : afterName(in, at, end);
        return hostEnd > at && isPort(in, hostEnd, end);
    }

    private static int afterBracket(byte[] in, int at, int end) {
        for (int i = at + 1; i < end; i++) {
            if (in[i] == ']') {
                return isIpv6(in, at + 1, i) ? i + 1 : -1;
            }
        }
        return -1;
    }

    /** Returns whether there are eight groups of one to four digits, or fewer and one gap, perhaps with IPv4 last. */
    private static boolean isIpv6(byte[] in, int from, int end) {
        int at = from;
        int groups = 0;
        boolean gap = end - at >= 2 && in[at] == ':' && in[at + 1] == ':';
        if (gap) {
            at += 2;
        }
        while (at < end) {
            int group = at;
            while (at < end && Syntax.hex(in[at]) >= 0) {
                at++;
            }
            if (at < end && in[at] == '.') {
                return isIpv4(in, group, end) && areAll(groups + 2, gap);
            }
            if (at == group || at - group > 4) {
                return false;
            }
            groups++;
            if (at == end) {
                break;
            }
            if (in[at] != ':' || ++at == end) {
                return false;
            }
            if (in[at] == ':') {
                if (gap) {
                    return false;
                }
                gap = true;
                at++;
            }
        }
        return areAll(groups, gap);
    }

    private static boolean areAll(int groups, boolean gap) {
        return gap ? groups < IPV6_GROUPS : groups == IPV6_GROUPS;
    }

    private static boolean isIpv4(byte[] in, int from, int end) {
        int at = from;
        for (int octet = 1; octet <= IPV4_OCTETS; octet++) {
            int first = at;
            int value = 0;
            while (at < end && value < 256 && Syntax.is(Syntax.DIGIT, in[at])) {
                value = value * 10 + in[at] - '0';
                at++;
            }
            if (at == first || value > 255 || at - first > 1 && in[first] == '0') {
                return false;
            }
            if (octet < IPV4_OCTETS && (at == end || in[at++] != '.')) {
                return false;
            }
        }
        return at == end;
    }

    private static int afterName(byte[] in, int at, int end) {
        int i = at;
        while (i < end && (Syntax.is(Syntax.HOST, in[i]) || Syntax.isEscape(in, i, end))) {
            i += in[i] == '%' ? 3 : 1;
        }
        return i;
    }

    private static boolean isPort(byte[] in, int at, int end) {
        if (at == end) {
            return true;
        }
        if (in[at] != ':' || end - at > 6) {
            return false;
        }
        for (int i = at + 1; i < end; i++) {
            if (!Syntax.is(Syntax.DIGIT, in[i])) {
                return false;
            }
        }
        return true;
    }
}
