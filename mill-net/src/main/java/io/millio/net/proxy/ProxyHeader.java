package io.millio.net.proxy;

import io.millio.internal.Arguments;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A header of the PROXY protocol, version 1 (a line of text) or 2 (binary, with TLVs), as HAProxy's specification
 * {@code proxy-protocol.txt} has them. Immutable; any thread.
 *
 * <pre>{@code
 * ProxyHeader header = ProxyHeader.of(front.remoteAddress(), front.localAddress())
 *         .withTlv(ProxyHeader.AUTHORITY, "example.org".getBytes(UTF_8));
 * }</pre>
 */
public final class ProxyHeader {
    /** Beyond it a header is refused: addresses take 216 bytes at most, the rest is for TLVs. */
    public static final int MAX_BYTES = 4096;

    /** TLV: the protocol that ALPN has agreed on. */
    public static final int ALPN = 0x01;

    /** TLV: the host name that the client asked for, UTF-8; the server name of TLS. */
    public static final int AUTHORITY = 0x02;

    /** TLV: what identifies the connection across proxies, at most 128 bytes. */
    public static final int UNIQUE_ID = 0x05;

    /** TLV: what the proxy knows of the client's TLS; see {@link #sslTlv}. */
    public static final int SSL = 0x20;

    /** TLV in {@link #SSL}: the version of TLS, ASCII. */
    public static final int SSL_VERSION = 0x21;

    /** TLV in {@link #SSL}: the common name of the client's certificate, UTF-8. */
    public static final int SSL_CN = 0x22;

    /** TLV: the network namespace, ASCII. */
    public static final int NETNS = 0x30;

    static final int CRC32C = 0x03;
    static final int NOOP = 0x04;

    static final int MAX_UNIQUE_ID_BYTES = 128;

    /** In front of the TLVs in that of {@link #SSL}: flags, and the result of the verification. */
    static final int SSL_FIXED_BYTES = 5;

    static final int TLV_FIXED_BYTES = 3;
    static final int FIXED_BYTES = 16;
    static final int UNIX_PATH_BYTES = 108;
    static final byte[] NONE = {};

    private final int version;
    private final boolean local;
    private final @Nullable SocketAddress source;
    private final @Nullable SocketAddress destination;
    private final boolean checksum;

    /** Type, length of two bytes and value, one behind the other; checksum and padding are left out. */
    private final byte[] tlvs;

    ProxyHeader(
            int version,
            boolean local,
            @Nullable SocketAddress source,
            @Nullable SocketAddress destination,
            boolean checksum,
            byte[] tlvs) {
        this.version = version;
        this.local = local;
        this.source = source;
        this.destination = destination;
        this.checksum = checksum;
        this.tlvs = tlvs;
    }

    /**
     * A header of version 2 that names a client. Two internet addresses of different families are sent as IPv6, the
     * other one mapped.
     *
     * @param source the address of the client
     * @param destination the address that the client connected to
     * @throws IllegalArgumentException if an address is unresolved, is of neither the internet nor a Unix-domain
     *     socket, or not of the other's kind, or if a path has more than 108 bytes
     */
    public static ProxyHeader of(SocketAddress source, SocketAddress destination) {
        checkAddress("source", source);
        checkAddress("destination", destination);
        if ((source instanceof InetSocketAddress) != (destination instanceof InetSocketAddress)) {
            throw Arguments.refused("destination", destination, "must be of the kind of the source: " + source);
        }
        return new ProxyHeader(2, false, source, destination, false, NONE);
    }

    private static void checkAddress(String name, SocketAddress address) {
        Objects.requireNonNull(address, name);
        if (address instanceof InetSocketAddress inet) {
            if (inet.isUnresolved()) {
                throw Arguments.refused(name, address, "must be resolved");
            }
        } else if (!(address instanceof UnixDomainSocketAddress unix)) {
            throw Arguments.refused(name, address, "must be an internet or Unix-domain address");
        } else if (path(unix).length > UNIX_PATH_BYTES) {
            throw Arguments.refused(name, address, "must have a path of at most " + UNIX_PATH_BYTES + " bytes");
        }
    }

    static byte[] path(UnixDomainSocketAddress address) {
        return address.getPath().toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A header of version 2 by which a proxy speaks for itself, as in a health check ({@code LOCAL}). */
    public static ProxyHeader local() {
        return new ProxyHeader(2, true, null, null, false, NONE);
    }

    /**
     * Returns the same with another version. Version 1 has internet addresses only: with others it says
     * {@code UNKNOWN}. It has no TLVs and no checksum, which are dropped.
     *
     * @param to 1 or 2
     */
    public ProxyHeader withVersion(int to) {
        Arguments.between(1, to, 2, "version");
        return to == 1
                ? new ProxyHeader(1, local, source, destination, false, NONE)
                : new ProxyHeader(2, local, source, destination, checksum, tlvs);
    }

    /**
     * Returns the same with a TLV more, the last one. O(size).
     *
     * @param type 0 to 255 without 3 and 4, the checksum and padding: 0xE0 to 0xEF are for applications
     * @throws IllegalArgumentException if the header would have more than {@link #MAX_BYTES}, or if the value is not of
     *     its type's form
     * @throws IllegalStateException if this is of version 1
     */
    public ProxyHeader withTlv(int type, byte... value) {
        Arguments.between(0, type, 255, "type");
        if (type == CRC32C || type == NOOP) {
            throw Arguments.refused("type", type, "must not be that of the checksum or of padding");
        }
        if (version == 1) {
            throw new IllegalStateException("version 1 has no TLVs: " + this);
        }
        try {
            ProxyHeaderReader.checkValue(type, ByteBuffer.wrap(value));
        } catch (ProtocolException e) {
            throw Arguments.refused("value", value.length + " bytes", String.valueOf(e.getMessage()));
        }
        byte[] more = Arrays.copyOf(tlvs, tlvs.length + TLV_FIXED_BYTES + value.length);
        ByteBuffer.wrap(more, tlvs.length, more.length - tlvs.length)
                .put((byte) type)
                .putShort((short) value.length)
                .put(value);
        return checked(new ProxyHeader(2, local, source, destination, checksum, more));
    }

    /**
     * Returns the same with the checksum of version 2 (CRC32C), which is computed when it is sent.
     *
     * @throws IllegalArgumentException if the header would have more than {@link #MAX_BYTES}
     * @throws IllegalStateException if this is of version 1
     */
    public ProxyHeader withChecksum() {
        if (version == 1) {
            throw new IllegalStateException("version 1 has no checksum: " + this);
        }
        return checked(new ProxyHeader(2, local, source, destination, true, tlvs));
    }

    private static ProxyHeader checked(ProxyHeader made) {
        int size = ProxyHeaderWriter.size(made);
        if (size > MAX_BYTES) {
            throw Arguments.refused("header", size + " bytes", "must be at most " + MAX_BYTES);
        }
        return made;
    }

    /**
     * Reads a header of either version. Strict: one spelling of a number, each length within the one around it, the
     * checksum right if there is one.
     *
     * @param bytes moved behind the header if it is whole, else as it was
     * @return null if more bytes are needed
     * @throws ProtocolException if no further bytes could make it a header; the message says what is wrong
     */
    public static @Nullable ProxyHeader read(ByteBuffer bytes) throws ProtocolException {
        return ProxyHeaderReader.read(bytes);
    }

    /** The bytes to send. O(size). */
    public byte[] toBytes() {
        return ProxyHeaderWriter.bytes(this);
    }

    /** 1 or 2. */
    public int version() {
        return version;
    }

    /** Whether the proxy speaks for itself: then there are neither addresses nor TLVs. Never in version 1. */
    public boolean isLocal() {
        return local;
    }

    /**
     * The client; null if the header names none: {@code LOCAL}, {@code UNKNOWN}, or addresses that are not known here.
     */
    public @Nullable SocketAddress source() {
        return source;
    }

    /** The address that the client connected to; null if there is no {@link #source}. */
    public @Nullable SocketAddress destination() {
        return destination;
    }

    /** Whether the header has a checksum; that of one that was read has been verified. */
    public boolean hasChecksum() {
        return checksum;
    }

    /** Returns the value of the first TLV of a type, a copy; null if there is none. O(size). */
    public byte @Nullable [] tlv(int type) {
        return find(ByteBuffer.wrap(tlvs), type);
    }

    /**
     * Returns the value of the first TLV of a type inside that of {@link #SSL}, a copy; null if there is none. O(size).
     */
    public byte @Nullable [] sslTlv(int type) {
        byte[] ssl = tlv(SSL);
        return ssl == null ? null : find(ByteBuffer.wrap(ssl, SSL_FIXED_BYTES, ssl.length - SSL_FIXED_BYTES), type);
    }

    private static byte @Nullable [] find(ByteBuffer in, int type) {
        while (in.hasRemaining()) {
            int each = in.get() & 0xff;
            int length = in.getChar();
            if (each == type) {
                byte[] value = new byte[length];
                in.get(value);
                return value;
            }
            in.position(in.position() + length);
        }
        return null;
    }

    /** The types of the TLVs, in their order; those of checksum and padding are not among them. */
    public List<Integer> tlvTypes() {
        List<Integer> types = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(tlvs);
        while (in.hasRemaining()) {
            types.add(in.get() & 0xff);
            int length = in.getChar();
            in.position(in.position() + length);
        }
        return List.copyOf(types);
    }

    /** All TLVs as they are sent. */
    byte[] rawTlvs() {
        return tlvs;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ProxyHeader that
                && version == that.version
                && local == that.local
                && checksum == that.checksum
                && Objects.equals(source, that.source)
                && Objects.equals(destination, that.destination)
                && Arrays.equals(tlvs, that.tlvs);
    }

    @Override
    public int hashCode() {
        return Objects.hash(version, local, checksum, source, destination, Arrays.hashCode(tlvs));
    }

    @Override
    public String toString() {
        return "PROXY " + version + (local ? " local" : " " + source + " > " + destination)
                + (tlvs.length == 0 ? "" : ", TLVs " + tlvTypes());
    }
}
