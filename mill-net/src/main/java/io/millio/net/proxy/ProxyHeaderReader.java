package io.millio.net.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads {@link ProxyHeader}s. Pure functions; nothing is read twice but the beginning of one that is not whole. */
final class ProxyHeaderReader {
    private static final int MAX_LINE_BYTES = 107;
    private static final byte[] LINE_START = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern UNKNOWN = Pattern.compile("PROXY UNKNOWN( .*)?\r\n", Pattern.DOTALL);
    private static final Pattern LINE =
            Pattern.compile("PROXY TCP([46]) (\\S+) (\\S+) (0|[1-9][0-9]{0,4}) (0|[1-9][0-9]{0,4})\r\n");

    // Literal addresses: the platform parses them and looks nothing up. It takes what begins otherwise for a name.
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f]*:[0-9A-Fa-f:.]*");

    static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    static final int LOCAL = 0x20;
    static final int PROXY = 0x21;

    private ProxyHeaderReader() {}

    /** As {@link ProxyHeader#read}. */
    static @Nullable ProxyHeader read(ByteBuffer bytes) throws ProtocolException {
        if (!bytes.hasRemaining()) {
            return null;
        }
        ByteBuffer header = bytes.slice(); // big-endian
        byte[] start = header.get(0) == LINE_START[0] ? LINE_START : SIGNATURE;
        int known = Math.min(start.length, header.remaining());
        if (!header.slice(0, known).equals(ByteBuffer.wrap(start, 0, known))) {
            throw bad("what was received is not the beginning of a header");
        }
        if (known < start.length) {
            return null;
        }
        ProxyHeader read = start == LINE_START ? readLine(header) : readBinary(header);
        bytes.position(bytes.position() + header.position());
        return read;
    }

    private static ProtocolException bad(String what) {
        return new ProtocolException("PROXY protocol: " + what);
    }

    // ---- version 1

    private static @Nullable ProxyHeader readLine(ByteBuffer bytes) throws ProtocolException {
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
        return UNKNOWN.matcher(line).matches() ? header(1, null, null) : parseLine(line);
    }

    private static ProxyHeader header(
            int version, @Nullable SocketAddress source, @Nullable SocketAddress destination) {
        return new ProxyHeader(version, false, source, destination, false, ProxyHeader.NONE);
    }

    private static ProxyHeader parseLine(String line) throws ProtocolException {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
            throw bad("a line that is not of the protocol");
        }
        Pattern family = parts.group(1).equals("4") ? IPV4 : IPV6;
        return header(
                1,
                new InetSocketAddress(address(parts.group(2), family), port(parts.group(4))),
                new InetSocketAddress(address(parts.group(3), family), port(parts.group(5))));
    }

    private static int port(String digits) throws ProtocolException {
        int port = Integer.parseInt(digits);
        if (port > 65535) {
            throw bad("a port of " + port + ", at most 65535");
        }
        return port;
    }

    private static InetAddress address(String text, Pattern family) throws ProtocolException {
        try {
            if (family.matcher(text).matches()) {
                return InetAddress.getByName(text);
            }
        } catch (UnknownHostException e) {
            // refused as any other text
        }
        throw bad("an address that is not of the family of the line");
    }

    // ---- version 2

    private static @Nullable ProxyHeader readBinary(ByteBuffer bytes) throws ProtocolException {
        if (bytes.remaining() < ProxyHeader.FIXED_BYTES) {
            return null;
        }
        int versionAndCommand = bytes.get(12) & 0xff;
        if (versionAndCommand != LOCAL && versionAndCommand != PROXY) {
            throw bad("version and command " + hex(versionAndCommand) + ", which are unknown");
        }
        int length = ProxyHeader.FIXED_BYTES + bytes.getChar(14);
        if (length > ProxyHeader.MAX_BYTES) {
            throw bad("a header of " + length + " bytes, at most " + ProxyHeader.MAX_BYTES);
        }
        if (bytes.remaining() < length) {
            return null;
        }
        ByteBuffer header = bytes.slice(0, length);
        bytes.position(length);
        return versionAndCommand == LOCAL ? ProxyHeader.local() : proxied(header);
    }

    private static String hex(int value) {
        return "0x" + Integer.toHexString(value);
    }

    private static ProxyHeader proxied(ByteBuffer header) throws ProtocolException {
        int familyAndProtocol = header.get(13) & 0xff;
        int addressBytes = switch (familyAndProtocol >> 4) {
            case 0 -> 0;
            case 1 -> 4;
            case 2 -> 16;
            case 3 -> ProxyHeader.UNIX_PATH_BYTES;
            default ->
                throw bad("a family of addresses and protocol " + hex(familyAndProtocol) + ", which are unknown");
        };
        if ((familyAndProtocol & 15) > 2) {
            throw bad("a family of addresses and protocol " + hex(familyAndProtocol) + ", which are unknown");
        }
        boolean inet = addressBytes == 4 || addressBytes == 16;
        int portsAt = ProxyHeader.FIXED_BYTES + 2 * addressBytes;
        int end = portsAt + (inet ? 4 : 0);
        if (end > header.limit()) {
            throw bad("a length of " + (header.limit() - ProxyHeader.FIXED_BYTES) + ", of which the addresses take "
                    + (end - ProxyHeader.FIXED_BYTES));
        }
        SocketAddress source = null;
        SocketAddress destination = null;
        if (inet) {
            header.position(ProxyHeader.FIXED_BYTES);
            InetAddress from = address(header, addressBytes);
            InetAddress to = address(header, addressBytes);
            source = new InetSocketAddress(from, header.getChar());
            destination = new InetSocketAddress(to, header.getChar());
        } else if (addressBytes > 0) {
            source = path(header, ProxyHeader.FIXED_BYTES);
            destination = path(header, ProxyHeader.FIXED_BYTES + ProxyHeader.UNIX_PATH_BYTES);
        }
        if (source == null || destination == null || (familyAndProtocol & 15) == 0) { // of no known protocol
            source = null;
            destination = null;
        }
        return withTlvs(header.position(end), source, destination);
    }

    private static InetAddress address(ByteBuffer from, int size) {
        byte[] address = new byte[size];
        from.get(address);
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // of 4 or 16 bytes
        }
    }

    /** Null for an abstract address, or one that is no path here. */
    private static @Nullable SocketAddress path(ByteBuffer header, int at) {
        byte[] bytes = new byte[ProxyHeader.UNIX_PATH_BYTES];
        header.get(at, bytes);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        for (int i = length; i < bytes.length; i++) {
            if (bytes[i] != 0 && length == 0) {
                return null;
            }
        }
        String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), Arrays.copyOf(bytes, length))) {
            return null;
        }
        try {
            return UnixDomainSocketAddress.of(text);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** TLVs: type, length, value, each whole. */
    private static ProxyHeader withTlvs(
            ByteBuffer header, @Nullable SocketAddress source, @Nullable SocketAddress destination)
            throws ProtocolException {
        ByteBuffer kept = ByteBuffer.allocate(header.remaining());
        boolean checksum = false;
        while (header.hasRemaining()) {
            int begin = header.position();
            int type = header.get() & 0xff;
            ByteBuffer value = value(header, type);
            checkValue(type, value);
            if (type == ProxyHeader.CRC32C) {
                checkSum(header, begin + ProxyHeader.TLV_FIXED_BYTES);
                checksum = true;
            } else if (type != ProxyHeader.NOOP) {
                kept.put(header.slice(begin, header.position() - begin));
            }
        }
        return new ProxyHeader(2, false, source, destination, checksum, Arrays.copyOf(kept.array(), kept.position()));
    }

    /** Takes the length and the value behind a type. */
    private static ByteBuffer value(ByteBuffer from, int type) throws ProtocolException {
        if (from.remaining() < 2) {
            throw bad("a TLV of type " + hex(type) + " without a length");
        }
        int length = from.getChar();
        if (length > from.remaining()) {
            throw bad("a TLV of type " + hex(type) + " and " + length + " bytes, where " + from.remaining()
                    + " are left");
        }
        ByteBuffer value = from.slice(from.position(), length);
        from.position(from.position() + length);
        return value;
    }

    /** Refuses a value that is not of its type's form. */
    static void checkValue(int type, ByteBuffer value) throws ProtocolException {
        int size = value.remaining();
        switch (type) {
            case ProxyHeader.CRC32C -> {
                if (size != 4) {
                    throw bad("a checksum of " + size + " bytes, must be 4");
                }
            }
            case ProxyHeader.UNIQUE_ID -> {
                if (size > ProxyHeader.MAX_UNIQUE_ID_BYTES) {
                    throw bad("a unique ID of " + size + " bytes, at most " + ProxyHeader.MAX_UNIQUE_ID_BYTES);
                }
            }
            case ProxyHeader.SSL -> {
                if (size < ProxyHeader.SSL_FIXED_BYTES) {
                    throw bad("a TLV of SSL of " + size + " bytes, at least " + ProxyHeader.SSL_FIXED_BYTES);
                }
                value.position(ProxyHeader.SSL_FIXED_BYTES);
                while (value.hasRemaining()) {
                    value(value, value.get() & 0xff);
                }
            }
            default -> {} // of any form
        }
    }

    /** It is that of the header with zeros in its place. */
    private static void checkSum(ByteBuffer header, int at) throws ProtocolException {
        byte[] blank = new byte[header.limit()];
        header.get(0, blank);
        Arrays.fill(blank, at, at + 4, (byte) 0);
        CRC32C sum = new CRC32C();
        sum.update(blank);
        if ((int) sum.getValue() != header.getInt(at)) {
            throw bad("a checksum of " + hex(header.getInt(at)) + ", must be " + hex((int) sum.getValue()));
        }
    }
}
