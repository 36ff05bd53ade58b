package io.millio.net.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Issues certificates with dates and keys of any kind (RFC 5280, X.690), which for the platform's keytool takes a
 * process each, and many for a chain.
 */
public final class Authority {
    private static final byte[] COMMON_NAME = {6, 3, 0x55, 4, 3};
    private static final byte[] BASIC_CONSTRAINTS = {6, 3, 0x55, 0x1d, 0x13};
    private static final byte[] ALTERNATIVE_NAME = {6, 3, 0x55, 0x1d, 0x11};

    /** From eight bytes on, so that all have the same length. */
    private static final AtomicLong SERIALS = new AtomicLong(1L << 56);

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final Instant LONG_AGO = Instant.parse("2001-01-01T00:00:00Z");
    private static final Instant FAR_OFF = Instant.parse("2100-01-01T00:00:00Z");

    private final String name;
    private final KeyPair keys = KeyKind.EC.newKeys();

    /** Its own certificate, and those of the authorities above it; the last one signs itself. */
    public final List<X509Certificate> chain;

    /** One that signs itself. */
    public Authority(String name) {
        this.name = name;
        this.chain = List.of(sign(name, name, keys, keys, LONG_AGO, FAR_OFF, true));
    }

    /** One that another stands for. */
    public Authority(String name, Authority above) {
        this.name = name;
        List<X509Certificate> all = new ArrayList<>();
        all.add(sign(name, above.name, keys, above.keys, LONG_AGO, FAR_OFF, true));
        all.addAll(above.chain);
        this.chain = List.copyOf(all);
    }

    /** A certificate for {@code localhost}, and the chain without the one that signs itself. */
    public TlsCertificate issue(Instant from, Instant to) {
        KeyPair own = KeyKind.EC.newKeys();
        List<X509Certificate> all = new ArrayList<>();
        all.add(sign("localhost", name, own, keys, from, to, false));
        all.addAll(chain.subList(0, chain.size() - 1));
        return TlsCertificate.of(all, own.getPrivate());
    }

    /** A certificate that is valid. */
    public TlsCertificate issue() {
        return issue(LONG_AGO, FAR_OFF);
    }

    public X509Certificate root() {
        return chain.get(chain.size() - 1);
    }

    /** A certificate that signs itself, with names as {@code keytool} takes them: {@code dns:localhost,ip:::1}. */
    public static TlsCertificate selfSigned(KeyKind kind, String name, String alternatives) {
        KeyPair own = kind.newKeys();
        X509Certificate certificate =
                sign(kind, name, name, own, own, LONG_AGO, FAR_OFF, alternativeNames(alternatives));
        return TlsCertificate.of(List.of(certificate), own.getPrivate());
    }

    private static X509Certificate sign(
            String subject, String issuer, KeyPair of, KeyPair by, Instant from, Instant to, boolean authority) {
        byte[] extension = authority
                ? tlv(0x30, BASIC_CONSTRAINTS, new byte[] {1, 1, -1}, tlv(4, tlv(0x30, new byte[] {1, 1, -1})))
                : alternativeNames("dns:localhost");
        return sign(KeyKind.EC, subject, issuer, of, by, from, to, extension);
    }

    private static X509Certificate sign(
            KeyKind kind,
            String subject,
            String issuer,
            KeyPair of,
            KeyPair by,
            Instant from,
            Instant to,
            byte[] extension) {
        byte[] content = tlv(
                0x30,
                tlv(0xa0, tlv(2, new byte[] {2})),
                tlv(2, BigInteger.valueOf(SERIALS.incrementAndGet()).toByteArray()),
                kind.signatureId(),
                nameOf(issuer),
                tlv(0x30, tlv(0x18, ascii(TIME.format(from))), tlv(0x18, ascii(TIME.format(to)))),
                nameOf(subject),
                of.getPublic().getEncoded(),
                tlv(0xa3, tlv(0x30, extension)));
        try {
            byte[] signed = tlv(0x30, content, kind.signatureId(), tlv(3, new byte[1], kind.sign(by, content)));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(signed));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] alternativeNames(String names) {
        List<byte[]> each = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            String[] parts = name.split(":", 2);
            each.add(
                    switch (parts[0]) {
                        case "email" -> tlv(0x81, ascii(parts[1]));
                        case "dns" -> tlv(0x82, ascii(parts[1]));
                        case "ip" -> tlv(0x87, addressOf(parts[1]));
                        default -> throw new IllegalArgumentException("names: " + names);
                    });
        }
        return tlv(0x30, ALTERNATIVE_NAME, tlv(4, tlv(0x30, each.toArray(new byte[0][]))));
    }

    private static byte[] addressOf(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static byte[] nameOf(String name) {
        return tlv(0x30, tlv(0x31, tlv(0x30, COMMON_NAME, tlv(0x0c, ascii(name)))));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A value by its tag and length, the definite form. */
    static byte[] tlv(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] each : parts) {
            content.writeBytes(each);
        }
        int length = content.size();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        if (length >= 256) {
            all.write(0x82);
            all.write(length >> 8);
        } else if (length >= 128) {
            all.write(0x81);
        }
        all.write(length);
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }
}
