package io.millio.net.wire;

import io.millio.net.wire.WireException.Reason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The header of the PROXY protocol, versions 1 and 2, as HAProxy's specification of it has them: who the client is,
 * ahead of the client's own bytes. Strict: one spelling of a number, each length within the one around it, the checksum
 * right if there is one. Pure functions.
 */
public final class ProxyHeader {
    /**
     * Beyond it a header of version 2 is refused: addresses take 216 bytes at most, the rest is what the proxy adds.
     */
    public static final int MAX_BYTES = 4096;

    private static final int MAX_LINE_BYTES = 107;
    private static final byte[] LINE_START = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    private static final int FIXED_BYTES = 16;
    private static final int TLV_CRC32C = 0x03;

    private ProxyHeader() {}

    /**
     * A header that was read.
     *
     * @param client null: the header names none, or the proxy speaks for itself
     */
    public record Read(@Nullable SocketAddress client) {}

    /**
     * Reads a header.
     *
     * @param bytes moved behind the header if it is whole, else as it was
     * @return null if more bytes are needed
     * @throws WireException if no further bytes could make it a header
     */
    public static @Nullable Read read(ByteBuffer bytes) throws WireException {
        if (!bytes.hasRemaining()) {
            return null;
        }
        int begin = bytes.position();
        byte[] start = bytes.get(begin) == LINE_START[0] ? LINE_START : SIGNATURE;
        int known = Math.min(start.length, bytes.remaining());
        for (int i = 0; i < known; i++) {
            if (bytes.get(begin + i) != start[i]) {
                throw bad("no header");
            }
        }
        if (known < start.length) {
            return null;
        }
        return start == LINE_START ? readLine(bytes) : readBinary(bytes);
    }

    private static WireException bad(String what) {
        return new WireException(Reason.PROXY_HEADER, "PROXY protocol: " + what);
    }

    // ---- version 1

    private static @Nullable Read readLine(ByteBuffer bytes) throws WireException {
        int begin = bytes.position();
        int limit = Math.min(bytes.limit(), begin + MAX_LINE_BYTES);
        int end = begin;
        while (end < limit && bytes.get(end) != '\n') {
            end++;
        }
        if (end == limit) {
            if (limit == begin + MAX_LINE_BYTES) {
                throw bad("a line of more than " + MAX_LINE_BYTES + " bytes");
            }
            return null;
        }
        if (bytes.get(end - 1) != '\r') {
            throw bad("a line that does not end as it must");
        }
        byte[] line = new byte[end - 1 - begin - LINE_START.length];
        bytes.get(begin + LINE_START.length, line);
        Read read = parseLine(new String(line, StandardCharsets.ISO_8859_1));
        bytes.position(end + 1);
        return read;
    }

    private static Read parseLine(String line) throws WireException {
        if (line.equals("UNKNOWN") || line.startsWith("UNKNOWN ")) {
            return new Read(null);
        }
        String[] parts = line.split(" ", -1);
        boolean six = parts[0].equals("TCP6");
        if (parts.length != 5 || !(six || parts[0].equals("TCP4"))) {
            throw bad("a line that is not of the protocol");
        }
        InetAddress client = address(parts[1], six);
        address(parts[2], six);
        int port = number(parts[3], 65535, "port");
        number(parts[4], 65535, "port");
        return new Read(new InetSocketAddress(client, port));
    }

    private static int number(String text, int max, String what) throws WireException {
        boolean digits = !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || (text.length() > 1 && text.charAt(0) == '0') || Integer.parseInt(text) > max) {
            throw bad("a " + what + " that is none");
        }
        return Integer.parseInt(text);
    }

    private static InetAddress address(String text, boolean six) throws WireException {
        try {
            if (!six) {
                String[] parts = text.split("\\.", -1);
                if (parts.length != 4) {
                    throw bad("an address that is none");
                }
                byte[] four = new byte[4];
                for (int i = 0; i < 4; i++) {
                    four[i] = (byte) number(parts[i], 255, "address");
                }
                return InetAddress.getByAddress(four);
            }
            boolean literal = text.indexOf(':') >= 0
                    && text.chars().allMatch(c -> c == ':' || c == '.' || Character.digit(c, 16) >= 0 && c < 128);
            if (!literal) {
                throw bad("an address that is none");
            }
            return InetAddress.getByName(text); // of digits and colons: nothing is looked up
        } catch (UnknownHostException e) {
            throw bad("an address that is none");
        }
    }

    // ---- version 2

    private static @Nullable Read readBinary(ByteBuffer bytes) throws WireException {
        int begin = bytes.position();
        if (bytes.remaining() < FIXED_BYTES) {
            return null;
        }
        int versionAndCommand = bytes.get(begin + 12) & 0xff;
        int length = (bytes.get(begin + 14) & 0xff) << 8 | (bytes.get(begin + 15) & 0xff);
        if (versionAndCommand >> 4 != 2 || (versionAndCommand & 15) > 1) {
            throw bad("a version or command that is unknown");
        }
        if (FIXED_BYTES + length > MAX_BYTES) {
            throw bad("a header of " + (FIXED_BYTES + length) + " bytes, at most " + MAX_BYTES + " are taken");
        }
        if (bytes.remaining() < FIXED_BYTES + length) {
            return null;
        }
        byte[] header = new byte[FIXED_BYTES + length];
        bytes.get(begin, header);
        SocketAddress client = (versionAndCommand & 15) == 1 ? client(header) : null;
        bytes.position(begin + header.length);
        return new Read(client);
    }

    private static @Nullable SocketAddress client(byte[] header) throws WireException {
        int familyAndProtocol = header[13] & 0xff;
        int addressBytes = switch (familyAndProtocol >> 4) {
            case 0 -> 0;
            case 1 -> 4;
            case 2 -> 16;
            case 3 -> 108;
            default -> throw bad("a family of addresses that is unknown");
        };
        if ((familyAndProtocol & 15) > 2) {
            throw bad("a protocol that is unknown");
        }
        boolean inet = addressBytes == 4 || addressBytes == 16;
        int block = 2 * addressBytes + (inet ? 4 : 0);
        if (FIXED_BYTES + block > header.length) {
            throw bad("a length that has no room for the addresses");
        }
        checkAdditions(header, FIXED_BYTES + block);
        if (!inet) {
            return null;
        }
        byte[] address = new byte[addressBytes];
        System.arraycopy(header, FIXED_BYTES, address, 0, addressBytes);
        int portAt = FIXED_BYTES + 2 * addressBytes;
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(address), (header[portAt] & 0xff) << 8 | (header[portAt + 1] & 0xff));
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // of 4 or 16 bytes
        }
    }

    /**
     * What the proxy has added: type, length, value, each whole; their checksum is that of the header with zeros in its
     * place.
     */
    private static void checkAdditions(byte[] header, int from) throws WireException {
        int at = from;
        while (at < header.length) {
            int end = at + 3 > header.length
                    ? header.length + 1
                    : at + 3 + ((header[at + 1] & 0xff) << 8 | (header[at + 2] & 0xff));
            if (end > header.length) {
                throw bad("an addition that is longer than the header");
            }
            if (header[at] == TLV_CRC32C) {
                checkSum(header, at + 3, end);
            }
            at = end;
        }
    }

    private static void checkSum(byte[] header, int at, int end) throws WireException {
        if (end - at != 4) {
            throw bad("a checksum that is none");
        }
        byte[] blank = header.clone();
        long expected = 0;
        for (int i = at; i < end; i++) {
            expected = expected << 8 | (header[i] & 0xff);
            blank[i] = 0;
        }
        CRC32C sum = new CRC32C();
        sum.update(blank);
        if (sum.getValue() != expected) {
            throw bad("a checksum that is wrong");
        }
    }
}
