package io.millio.net.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Headers as values: what is written is read again, and nothing that is not one is. */
class ProxyHeaderRoundTripTest {
    private static final SocketAddress FOUR = new InetSocketAddress(address("192.0.2.7"), 4242);
    private static final SocketAddress OTHER_FOUR = new InetSocketAddress(address("198.51.100.1"), 443);
    private static final SocketAddress SIX = new InetSocketAddress(address("2001:db8::7"), 65535);
    private static final SocketAddress OTHER_SIX = new InetSocketAddress(address("::1"), 0);
    private static final ProxyHeader PLAIN = ProxyHeader.of(FOUR, OTHER_FOUR);

    /** Client flags and verification, then the version of TLS and the name of the client. */
    private static final byte[] SSL = ByteBuffer.allocate(5 + 3 + 7 + 3 + 5)
            .put((byte) 7)
            .putInt(0)
            .put((byte) 0x21)
            .putShort((short) 7)
            .put("TLSv1.3".getBytes(US_ASCII))
            .put((byte) 0x22)
            .putShort((short) 5)
            .put("alice".getBytes(UTF_8))
            .array();

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static ProxyHeader reread(ProxyHeader header) throws ProtocolException {
        ByteBuffer bytes = ByteBuffer.wrap(header.toBytes());
        ProxyHeader read = ProxyHeader.read(bytes);
        assertThat(bytes.hasRemaining()).isFalse();
        if (read == null) {
            throw new AssertionError("incomplete: " + header);
        }
        return read;
    }

    private static List<ProxyHeader> headers() {
        UnixDomainSocketAddress path = UnixDomainSocketAddress.of("/run/a.sock");
        List<ProxyHeader> all = new ArrayList<>(List.of(
                PLAIN,
                ProxyHeader.of(SIX, OTHER_SIX),
                ProxyHeader.of(path, UnixDomainSocketAddress.of("")),
                ProxyHeader.local(),
                PLAIN.withChecksum(),
                PLAIN.withTlv(0xE0).withTlv(ProxyHeader.AUTHORITY, "example.org".getBytes(UTF_8)),
                ProxyHeader.of(SIX, OTHER_SIX).withTlv(ProxyHeader.SSL, SSL).withChecksum(),
                PLAIN.withVersion(1),
                ProxyHeader.of(SIX, OTHER_SIX).withVersion(1)));
        return all;
    }

    @Test
    void aHeaderIsReadAsItWasWritten() throws Exception {
        for (ProxyHeader header : headers()) {
            assertThat(reread(header))
                    .isEqualTo(header)
                    .hasSameHashCodeAs(header)
                    .hasToString(header.toString());
        }
    }

    @Test
    void theBytesAreThoseOfTheSpecification() {
        assertThat(new String(PLAIN.withVersion(1).toBytes(), US_ASCII))
                .isEqualTo("PROXY TCP4 192.0.2.7 198.51.100.1 4242 443\r\n");
        assertThat(new String(ProxyHeader.of(SIX, OTHER_SIX).withVersion(1).toBytes(), US_ASCII))
                .isEqualTo("PROXY TCP6 2001:db8:0:0:0:0:0:7 0:0:0:0:0:0:0:1 65535 0\r\n");
        assertThat(new String(ProxyHeader.local().withVersion(1).toBytes(), US_ASCII))
                .isEqualTo("PROXY UNKNOWN\r\n");
        assertThat(PLAIN.withTlv(0xE1, (byte) 9).toBytes())
                .startsWith(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a)
                .endsWith(0x21, 0x11, 0, 16, 192, 0, 2, 7, 198, 51, 100, 1, 0x10, 0x92, 1, 0xbb, 0xE1, 0, 1, 9);
        assertThat(ProxyHeader.local().toBytes()).endsWith(0x20, 0, 0, 0).hasSize(16);
    }

    @Test
    void tlvsAreFoundByTheirType() throws Exception {
        byte[] unique = {1, 2, 3};
        ProxyHeader read = reread(PLAIN.withTlv(ProxyHeader.UNIQUE_ID, unique)
                .withTlv(ProxyHeader.SSL, SSL)
                .withTlv(0xff, (byte) 1)
                .withTlv(0xff, (byte) 2)
                .withChecksum());

        assertThat(read.destination()).isEqualTo(OTHER_FOUR);
        assertThat(read.hasChecksum()).isTrue();
        assertThat(read.tlvTypes()).containsExactly(ProxyHeader.UNIQUE_ID, ProxyHeader.SSL, 0xff, 0xff);
        assertThat(read.tlv(ProxyHeader.UNIQUE_ID)).isEqualTo(unique);
        assertThat(read.tlv(0xff)).containsExactly(1);
        assertThat(read.tlv(ProxyHeader.ALPN)).isNull();
        assertThat(read.sslTlv(ProxyHeader.SSL_VERSION)).asString(US_ASCII).isEqualTo("TLSv1.3");
        assertThat(read.sslTlv(ProxyHeader.SSL_CN)).asString(UTF_8).isEqualTo("alice");
        assertThat(read.sslTlv(0x23)).isNull();
        assertThat(PLAIN.sslTlv(ProxyHeader.SSL_CN)).isNull();
    }

    @Test
    void addressesOfTwoFamiliesAreSentAsIpv6() throws Exception {
        for (int version = 1; version <= 2; version++) {
            ProxyHeader mixed = ProxyHeader.of(FOUR, SIX).withVersion(version);
            assertThat(reread(mixed)).isEqualTo(mixed);
            assertThat(new String(mixed.toBytes(), US_ASCII).contains("TCP6 ::ffff:192.0.2.7 2001:"))
                    .isEqualTo(version == 1);
        }
    }

    @Test
    void version1DropsWhatItDoesNotHave() throws Exception {
        ProxyHeader first = PLAIN.withTlv(0xE0, (byte) 1).withChecksum().withVersion(1);
        assertThat(first).isEqualTo(PLAIN.withVersion(1));
        ProxyHeader unnamed = reread(ProxyHeader.of(UnixDomainSocketAddress.of("/a"), UnixDomainSocketAddress.of("/b"))
                .withVersion(1));
        assertThat(unnamed.source()).isNull();
        assertThatIllegalStateException().isThrownBy(() -> first.withTlv(0xE0)).withMessageContaining("version 1");
        assertThatIllegalStateException().isThrownBy(first::withChecksum);
    }

    @Test
    void whatCannotBeSentIsRefusedAtTheCall() {
        UnixDomainSocketAddress path = UnixDomainSocketAddress.of("/a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyHeader.of(FOUR, path))
                .withMessageContaining("kind");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyHeader.of(InetSocketAddress.createUnresolved("a", 1), FOUR))
                .withMessage("source: a/<unresolved>:1, must be resolved");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyHeader.of(path, UnixDomainSocketAddress.of("/" + "x".repeat(108))));
        assertThatIllegalArgumentException().isThrownBy(() -> PLAIN.withTlv(3, new byte[4]));
        assertThatIllegalArgumentException().isThrownBy(() -> PLAIN.withTlv(256));
        assertThatIllegalArgumentException().isThrownBy(() -> PLAIN.withTlv(ProxyHeader.UNIQUE_ID, new byte[129]));
        assertThatIllegalArgumentException().isThrownBy(() -> PLAIN.withTlv(ProxyHeader.SSL, new byte[6]));
        int room = ProxyHeader.MAX_BYTES - PLAIN.toBytes().length - 3;
        ProxyHeader full = PLAIN.withTlv(0xE0, new byte[room]);
        assertThat(full.toBytes()).hasSize(ProxyHeader.MAX_BYTES);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PLAIN.withTlv(0xE0, new byte[room + 1]))
                .withMessage("header: 4097 bytes, must be at most 4096");
        assertThatIllegalArgumentException().isThrownBy(full::withChecksum);
    }

    @Test
    void badTlvsAreRefusedWithTheReason() {
        assertReason("\u00e1\0\3ab", "a TLV of type 0xe1 and 3 bytes, where 2 are left");
        assertReason("\u00e1\0", "a TLV of type 0xe1 without a length");
        assertReason("\3\0\2ab", "a checksum of 2 bytes, must be 4");
        assertReason("\3\0\4abcd", "a checksum of 0x61626364, must be ");
        assertReason("\5\0\u0081" + "x".repeat(129), "a unique ID of 129 bytes, at most 128");
        assertReason(" \0\4abcd", "a TLV of SSL of 4 bytes, at least 5");
        assertReason(" \0\11\1\0\0\0\0\41\0\2a", "a TLV of type 0x21 and 2 bytes, where 1 are left");
    }

    private static void assertReason(String tlvs, String reason) {
        byte[] more = tlvs.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        byte[] plain = PLAIN.toBytes();
        ByteBuffer header =
                ByteBuffer.allocate(plain.length + more.length).put(plain).put(more);
        header.putShort(14, (short) (12 + more.length));
        assertThatThrownBy(() -> ProxyHeader.read(header.flip()))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("PROXY protocol: " + reason);
    }

    @Test
    void addressesThatAreNoneHereAreNull() throws Exception {
        UnixDomainSocketAddress path = UnixDomainSocketAddress.of("/run/a.sock");
        byte[] header = ProxyHeader.of(path, path).withTlv(0xE0).toBytes();
        header[17] = (byte) 0xff; // no UTF-8
        assertUnnamed(header);
        header[16] = 0; // abstract
        assertUnnamed(header);
        byte[] unspecified = PLAIN.withTlv(0xE0).toBytes();
        unspecified[13] = 0x10;
        assertUnnamed(unspecified);
    }

    private static void assertUnnamed(byte[] header) throws ProtocolException {
        ProxyHeader read = ProxyHeader.read(ByteBuffer.wrap(header));
        if (read == null) {
            throw new AssertionError("incomplete");
        }
        assertThat(read.source()).isNull();
        assertThat(read.destination()).isNull();
        assertThat(read.isLocal()).isFalse();
        assertThat(read.tlvTypes()).containsExactly(0xE0);
    }

    @Test
    void aLocalHeaderIsTakenWhateverFollows() throws Exception {
        ByteBuffer header = ByteBuffer.wrap(PLAIN.withTlv(0xE0, (byte) 1).toBytes());
        header.put(12, (byte) 0x20).put(13, (byte) 0x45).put(30, (byte) 0xff);
        assertThat(ProxyHeader.read(header)).isEqualTo(ProxyHeader.local());
    }

    @Test
    void anyChangeOfABitIsSeenByTheChecksumOrLeavesNoHeader() {
        byte[] right = ProxyHeader.of(SIX, OTHER_SIX)
                .withTlv(ProxyHeader.SSL, SSL)
                .withChecksum()
                .toBytes();
        for (int bit = 0; bit < right.length * 8; bit++) {
            byte[] wrong = right.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);
            if (bit == 12 * 8) {
                continue; // LOCAL, which is not looked into
            }
            ProxyHeader read;
            try {
                read = ProxyHeader.read(ByteBuffer.wrap(wrong));
            } catch (ProtocolException refused) {
                continue;
            }
            assertThat(read == null || !read.hasChecksum()).as("bit " + bit).isTrue();
        }
    }

    @Test
    void randomBytesAreReadOrRefusedAndNeverReadBeyondTheirEnd() {
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            List<ProxyHeader> all = headers();
            byte[] bytes = all.get(random.nextInt(all.size())).toBytes();
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[12 + random.nextInt(bytes.length - 12)] = (byte) random.nextInt(256);
            }
            ByteBuffer in = ByteBuffer.wrap(bytes, 0, random.nextInt(bytes.length + 1));
            try {
                ProxyHeader read = ProxyHeader.read(in);
                assertThat(in.position() == 0).isEqualTo(read == null);
                if (read != null) {
                    assertThat(reread(read)).isEqualTo(read);
                }
            } catch (ProtocolException e) {
                assertThat(e).hasMessageStartingWith("PROXY protocol: ");
            }
        }
    }
}
