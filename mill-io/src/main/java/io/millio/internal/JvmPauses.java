package io.millio.internal;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/** What the platform's management interface says, where the module {@code java.management} is present. Stateless. */
public final class JvmPauses {
    private JvmPauses() {}

    /** Returns the milliseconds that garbage collections have taken since the JVM began; 0 where that is not known. */
    public static long collectionMillis() {
        try {
            long sum = 0;
            for (GarbageCollectorMXBean each : ManagementFactory.getGarbageCollectorMXBeans()) {
                sum += Math.max(0, each.getCollectionTime());
            }
            return sum;
        } catch (LinkageError e) {
            return 0;
        }
    }

    /** Returns whether a debugger may stop threads, so that they take long without a fault. */
    public static boolean isDebugged() {
        try {
            return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .anyMatch(each -> each.startsWith("-agentlib:jdwp") || each.startsWith("-Xrunjdwp"));
        } catch (LinkageError e) {
            return false;
        }
    }
}
