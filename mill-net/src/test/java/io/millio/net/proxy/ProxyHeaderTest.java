package io.millio.net.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.NetCase;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

    private static ByteBuffer bytes(String latin1) {
        return NetCase.bytes(latin1);
    }

    private static @Nullable Object client(String header) throws ProtocolException {
        ProxyHeader read = ProxyHeader.read(bytes(header));
        return read == null ? "incomplete" : read.source();
    }

    private static String v2(int command, int family, int length, String rest) {
        return SIGNATURE + (char) command + (char) family + (char) (length >> 8) + (char) (length & 0xff) + rest;
    }

    private static final String FOUR = "\1\2\3\4" + "\5\6\7\10" + "\1\0" + "\0\120";

    @Test
    void aLineCarriesTheClientsAddress() throws Exception {
        assertThat(client("PROXY TCP4 1.2.3.4 5.6.7.8 256 80\r\n")).isEqualTo(new InetSocketAddress("1.2.3.4", 256));
        assertThat(client("PROXY TCP6 2001:db8::1 ::1 65535 0\r\n"))
                .isEqualTo(new InetSocketAddress("2001:db8::1", 65535));
        assertThat(client("PROXY UNKNOWN\r\n")).isNull();
        assertThat(client("PROXY UNKNOWN whatever it says\r\n")).isNull();
    }

    @Test
    void aBinaryHeaderCarriesTheClientsAddress() throws Exception {
        assertThat(client(v2(0x21, 0x11, 12, FOUR))).isEqualTo(new InetSocketAddress("1.2.3.4", 256));
        String six = "\1".repeat(16) + "\2".repeat(16) + "\1\0\0\120";
        assertThat(client(v2(0x21, 0x21, 36, six)))
                .isEqualTo(new InetSocketAddress("101:101:101:101:101:101:101:101", 256));
        assertThat(client(v2(0x20, 0x00, 0, ""))).isNull();
        assertThat(client(v2(0x20, 0x11, 12, FOUR))).isNull();
        assertThat(client(v2(0x21, 0x11, 17, FOUR + "\4\0\2ab"))).isEqualTo(new InetSocketAddress("1.2.3.4", 256));
    }

    @Test
    void whatComesBehindIsLeft() throws Exception {
        for (String header : new String[] {"PROXY UNKNOWN\r\n", v2(0x21, 0x11, 12, FOUR)}) {
            ByteBuffer bytes = bytes(header + "data");
            assertThat(ProxyHeader.read(bytes)).isNotNull();
            assertThat(bytes.remaining()).isEqualTo(4);
        }
    }

    @Test
    void everyBeginningOfAHeaderAsksForMore() throws Exception {
        for (String header :
                new String[] {"PROXY TCP4 1.2.3.4 5.6.7.8 256 80\r\n", v2(0x21, 0x11, 17, FOUR + "\4\0\2ab")}) {
            for (int i = 0; i < header.length(); i++) {
                ByteBuffer part = bytes(header.substring(0, i));
                assertThat(ProxyHeader.read(part)).isNull();
                assertThat(part.position()).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "PROXY",
                "PROXY TCP4 1.2.3.4 5.6.7.8 256 80\n",
                "PROXY TCP4 1.2.3.4 5.6.7.8 0256 80\r\n",
                "PROXY TCP4 1.2.3.4 5.6.7.8 256 65536\r\n",
                "PROXY TCP4 1.2.3.4 5.6.7.8 256\r\n",
                "PROXY TCP4 1.2.3.4 5.6.7.8 256 80 \r\n",
                "PROXY TCP4 1.2.3.4 5.6.7.8 +256 80\r\n",
                "PROXY TCP4 1.2.3.04 5.6.7.8 256 80\r\n",
                "PROXY TCP4 1.2.3 5.6.7.8 256 80\r\n",
                "PROXY TCP4 localhost 5.6.7.8 256 80\r\n",
                "PROXY TCP6 1.2.3.4 5.6.7.8 256 80\r\n",
                "PROXY TCP6 bad.example.com ::1 256 80\r\n",
                "PROXY TCP6 ::1::2 ::1 256 80\r\n",
                "PROXY UDP4 1.2.3.4 5.6.7.8 256 80\r\n",
            })
    void aLineThatIsNotOfTheProtocolIsRefused(String line) {
        String whole = line.equals("PROXY") ? "PROXY " + "x".repeat(200) : line;
        assertThatThrownBy(() -> ProxyHeader.read(bytes(whole)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("PROXY protocol: ");
    }

    @Test
    void aBinaryHeaderThatLiesIsRefused() {
        String[] lies = {
            v2(0x11, 0x11, 12, FOUR), // version 1
            v2(0x22, 0x11, 12, FOUR), // command
            v2(0x21, 0x41, 12, FOUR), // family
            v2(0x21, 0x13, 12, FOUR), // protocol
            v2(0x21, 0x11, 11, FOUR), // no room for the addresses
            v2(0x21, 0x21, 12, FOUR),
            v2(0x21, 0x11, 14, FOUR + "\4\0"), // half an addition
            v2(0x21, 0x11, 17, FOUR + "\4\0\3ab"), // an addition longer than the header
            v2(0x21, 0x11, 0xffff, FOUR), // oversize, before it has come
            v2(0x21, 0x11, 19, FOUR + "\3\0\4abcd"), // checksum
            SIGNATURE.replace('Q', 'q'),
        };
        for (String lie : lies) {
            assertThatThrownBy(() -> ProxyHeader.read(bytes(lie))).isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void aChecksumThatIsRightIsTaken() throws Exception {
        byte[] header = bytes(v2(0x21, 0x11, 19, FOUR + "\3\0\4\0\0\0\0")).array();
        CRC32C sum = new CRC32C();
        sum.update(header);
        ByteBuffer.wrap(header).putInt(header.length - 4, (int) sum.getValue());
        assertThat(ProxyHeader.read(ByteBuffer.wrap(header))).isNotNull();
    }

    @Test
    void whatThePlatformWouldLookUpIsNoAddress() {
        for (String text : new String[] {".:1", ".::1", ".1:2", "g::1"}) {
            assertThat(ProxyHeaderReader.IPV6.matcher(text).matches()).as(text).isFalse();
        }
        for (String text : new String[] {"::1", "1::", "2001:db8::ffff:192.0.2.1", "::"}) {
            assertThat(ProxyHeaderReader.IPV6.matcher(text).matches()).as(text).isTrue();
        }
    }
}
