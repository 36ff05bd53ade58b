package io.millio.internal;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;

/** The descriptors of the process, where the module {@code jdk.management} is present. Stateless. */
public final class Descriptors {
    private Descriptors() {}

    /** Returns how many more descriptors the process may open now; empty where that is not known. */
    public static OptionalLong free() {
        try {
            return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                    ? OptionalLong.of(unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount())
                    : OptionalLong.empty();
        } catch (LinkageError e) {
            return OptionalLong.empty();
        }
    }
}
