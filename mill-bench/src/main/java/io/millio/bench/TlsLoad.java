package io.millio.bench;

import java.io.IOException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;

/** What the servers of {@link TlsServers} are given to do. */
enum TlsLoad {
    /** 64 connections, each with one message of 64 bytes under way. */
    ECHO_64,

    /** The same with messages of 16 KiB, the most that a record has. */
    ECHO_16K,

    /** Connections one after another by four threads, each with one message; every handshake is a whole one. */
    HANDSHAKE_FULL,

    /** As before, and each connection resumes the session of the one before. */
    HANDSHAKE_RESUMED;

    static final String PROTOCOL = "TLSv1.3";
    static final String CIPHER_SUITE = "TLS_AES_256_GCM_SHA384"; // what both would take by themselves

    private static final int CONNECTIONS = 64;
    private static final int CALLERS = 4;

    /** A load that is under way. */
    interface Running extends AutoCloseable {
        /** How many messages, or handshakes, have been done. Any thread. */
        long done();

        /** Ends it; throws what went wrong. */
        @Override
        void close() throws IOException;
    }

    Running begin(int port, KeyStore trusted) throws Exception {
        X509Certificate certificate = (X509Certificate) trusted.getCertificate(TlsServers.ALIAS);
        return switch (this) {
            case ECHO_64 -> new TlsEchoLoad(port, CONNECTIONS, 64, certificate);
            case ECHO_16K -> new TlsEchoLoad(port, CONNECTIONS, 16 * 1024, certificate);
            case HANDSHAKE_FULL -> new TlsHandshakeLoad(port, CALLERS, false, trusted);
            case HANDSHAKE_RESUMED -> new TlsHandshakeLoad(port, CALLERS, true, trusted);
        };
    }

    List<String> subjects() {
        return this == ECHO_64 || this == ECHO_16K ? TlsServers.SUBJECTS : TlsServers.HANDSHAKE_SUBJECTS;
    }

    /** How many times as long as a measurement a warm-up takes: handshakes are few, and their code is much. */
    int warmupFactor() {
        return this == ECHO_64 || this == ECHO_16K ? 1 : 6;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
