package io.millio.net.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("io.millio.TlsHandshake")
@Label("TLS Handshake")
@Description("A TLS handshake has succeeded or failed")
@Category({"Mill-IO", "Connections"})
@StackTrace(false)
final class TlsHandshakeEvent extends Event {
    private static final TlsHandshakeEvent PROBE = new TlsHandshakeEvent();

    @Label("Remote Address")
    @Nullable
    String remote;

    @Label("Client Side")
    boolean client;

    @Label("Protocol")
    @Nullable
    String protocol;

    @Label("Cipher Suite")
    @Nullable
    String cipherSuite;

    @Label("Elapsed")
    @Timespan(Timespan.NANOSECONDS)
    long elapsed;

    @Label("Failure")
    @Nullable
    String failure;

    static boolean isWanted() {
        return PROBE.isEnabled();
    }
}
