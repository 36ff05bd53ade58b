package io.millio.linux;

import io.millio.linux.sys.Architecture;
import io.millio.transport.Transport;
import io.millio.transport.TransportProvider;
import org.jspecify.annotations.Nullable;

/** Offers the transport over epoll, where the system has it and the process may use it. */
public final class EpollTransportProvider implements TransportProvider {
    // Found once: neither system, nor grant, nor sandbox changes.
    private static final @Nullable String REFUSAL = refusal();

    /** For {@link java.util.ServiceLoader}. */
    public EpollTransportProvider() {}

    @Override
    public String name() {
        return EpollTransport.NAME;
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public @Nullable String unusableReason() {
        return REFUSAL;
    }

    /** For what is opened without the transport: throws the reason why this process can't use the system. */
    static void checkUsable() {
        if (REFUSAL != null) {
            throw new UnsupportedOperationException("Linux can't be used directly: " + REFUSAL);
        }
    }

    private static @Nullable String refusal() {
        String system = System.getProperty("os.name", "");
        if (!system.equals("Linux")) {
            return "needs Linux, this is " + system;
        }
        String architecture = System.getProperty("os.arch", "");
        if (!Architecture.isKnown(architecture)) {
            return "the layouts of " + architecture + " are not known";
        }
        Module module = EpollTransportProvider.class.getModule();
        if (!module.isNativeAccessEnabled()) {
            return "native access is not granted: start Java with --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
        }
        return SystemProbe.refusal();
    }

    @Override
    public Transport transport() {
        return EpollTransport.INSTANCE;
    }
}
