package io.millio.net.tls;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.HexFormat;

/** A kind of key, and how a certificate is signed with one. */
public enum KeyKind {
    EC("EC", 256, "SHA256withECDSA", "2a8648ce3d040302", ""),
    RSA("RSA", 2048, "SHA256withRSA", "2a864886f70d01010b", "0500"),

    /** A short one, which costs little. */
    SHORT_RSA("RSA", 1024, "SHA256withRSA", "2a864886f70d01010b", "0500"),
    RSASSA_PSS("RSASSA-PSS", 2048, "RSASSA-PSS", "2a864886f70d01010a", ""),
    ED25519("Ed25519", 0, "Ed25519", "2b6570", ""),
    ED448("Ed448", 0, "Ed448", "2b6571", "");

    private static final PSSParameterSpec PSS =
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);

    private final String keys;
    private final int bits;
    private final String signature;

    // In hexadecimal: the identifier of the signature's algorithm, and its parameters.
    private final String object;
    private final String parameters;

    KeyKind(String keys, int bits, String signature, String object, String parameters) {
        this.keys = keys;
        this.bits = bits;
        this.signature = signature;
        this.object = object;
        this.parameters = parameters;
    }

    KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(keys);
            if (bits > 0) {
                generator.initialize(bits);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The algorithm of signatures, as certificates have it. */
    byte[] signatureId() {
        HexFormat hex = HexFormat.of();
        byte[] more = this == RSASSA_PSS ? pss() : hex.parseHex(parameters);
        return Authority.tlv(0x30, Authority.tlv(6, hex.parseHex(object)), more);
    }

    private static byte[] pss() {
        try {
            AlgorithmParameters encoded = AlgorithmParameters.getInstance("RSASSA-PSS");
            encoded.init(PSS);
            return encoded.getEncoded();
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] sign(KeyPair by, byte[] content) throws GeneralSecurityException {
        Signature signing = Signature.getInstance(signature);
        signing.initSign(by.getPrivate());
        if (this == RSASSA_PSS) {
            signing.setParameter(PSS);
        }
        signing.update(content);
        return signing.sign();
    }
}
