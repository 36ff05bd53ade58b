package io.millio.net.wire;

import io.millio.net.wire.WireException.Reason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final Pattern UNKNOWN = Pattern.compile("PROXY UNKNOWN( .*)?\r\n", Pattern.DOTALL);
    private static final Pattern LINE =
            Pattern.compile("PROXY TCP([46]) (\\S+) (\\S+) (0|[1-9][0-9]{0,4}) (0|[1-9][0-9]{0,4})\r\n");

    // Literal addresses: the platform parses them and looks nothing up. It takes what begins otherwise for a name.
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f]*:[0-9A-Fa-f:.]*");

    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    private static final int FIXED_BYTES = 16;
    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
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
        ByteBuffer header = bytes.slice(); // big-endian
        byte[] start = header.get(0) == LINE_START[0] ? LINE_START : SIGNATURE;
        int known = Math.min(start.length, header.remaining());
        if (!header.slice(0, known).equals(ByteBuffer.wrap(start, 0, known))) {
            throw bad("no header");
        }
        if (known < start.length) {
            return null;
        }
        Read read = start == LINE_START ? readLine(header) : readBinary(header);
        bytes.position(bytes.position() + header.position());
        return read;
    }

    private static WireException bad(String what) {
        return new WireException(Reason.PROXY_HEADER, "PROXY protocol: " + what);
    }

    // ---- version 1

    private static @Nullable Read readLine(ByteBuffer bytes) throws WireException {
        int limit = Math.min(bytes.limit(), MAX_LINE_BYTES);
        int end = 0;
        while (end < limit && bytes.get(end) != '\n') {
            end++;
        }
        if (end == limit) {
            if (limit == MAX_LINE_BYTES) {
                throw bad("a line of more than " + MAX_LINE_BYTES + " bytes");
            }
            return null;
        }
        byte[] latin1 = new byte[end + 1];
        bytes.get(latin1);
        String line = new String(latin1, StandardCharsets.ISO_8859_1);
        return UNKNOWN.matcher(line).matches() ? new Read(null) : parseLine(line);
    }

    private static Read parseLine(String line) throws WireException {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
            throw bad("a line that is not of the protocol");
        }
        Pattern family = parts.group(1).equals("4") ? IPV4 : IPV6;
        InetAddress client = address(parts.group(2), family);
        address(parts.group(3), family);
        int port = port(parts.group(4));
        port(parts.group(5));
        return new Read(new InetSocketAddress(client, port));
    }

    private static int port(String digits) throws WireException {
        int port = Integer.parseInt(digits);
        if (port > 65535) {
            throw bad("a port that is none");
        }
        return port;
    }

    private static InetAddress address(String text, Pattern family) throws WireException {
        try {
            if (family.matcher(text).matches()) {
                return InetAddress.getByName(text);
            }
        } catch (UnknownHostException e) {
            // refused as any other text
        }
        throw bad("an address that is none");
    }

    // ---- version 2

    private static @Nullable Read readBinary(ByteBuffer bytes) throws WireException {
        if (bytes.remaining() < FIXED_BYTES) {
            return null;
        }
        int versionAndCommand = bytes.get(12);
        if (versionAndCommand != LOCAL && versionAndCommand != PROXY) {
            throw bad("a version or command that is unknown");
        }
        int length = FIXED_BYTES + bytes.getChar(14);
        if (length > MAX_BYTES) {
            throw bad("a header of " + length + " bytes, at most " + MAX_BYTES + " are taken");
        }
        if (bytes.remaining() < length) {
            return null;
        }
        bytes.position(length);
        return new Read(versionAndCommand == PROXY ? client(bytes.slice(0, length)) : null);
    }

    private static @Nullable SocketAddress client(ByteBuffer header) throws WireException {
        int familyAndProtocol = header.get(13) & 0xff;
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
        int portAt = FIXED_BYTES + 2 * addressBytes;
        int end = portAt + (inet ? 4 : 0);
        if (end > header.limit()) {
            throw bad("a length that has no room for the addresses");
        }
        checkAdditions(header.position(end));
        if (!inet) {
            return null;
        }
        byte[] address = new byte[addressBytes];
        header.get(FIXED_BYTES, address);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), header.getChar(portAt));
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // of 4 or 16 bytes
        }
    }

    /**
     * What the proxy has added: type, length, value, each whole; their checksum is that of the header with zeros in its
     * place.
     */
    private static void checkAdditions(ByteBuffer header) throws WireException {
        while (header.hasRemaining()) {
            int type = header.get();
            int length = header.remaining() < 2 ? Integer.MAX_VALUE : header.getChar();
            if (length > header.remaining()) {
                throw bad("an addition that is longer than the header");
            }
            if (type == TLV_CRC32C) {
                checkSum(header, length);
            }
            header.position(header.position() + length);
        }
    }

    private static void checkSum(ByteBuffer header, int length) throws WireException {
        if (length != 4) {
            throw bad("a checksum that is none");
        }
        byte[] blank = new byte[header.limit()];
        header.get(0, blank);
        Arrays.fill(blank, header.position(), header.position() + length, (byte) 0);
        CRC32C sum = new CRC32C();
        sum.update(blank);
        if ((int) sum.getValue() != header.getInt(header.position())) {
            throw bad("a checksum that is wrong");
        }
    }
}
