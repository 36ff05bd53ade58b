package io.millio.transport;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the transports of this process, once. Immutable after class initialization; any thread. */
final class TransportLookup {
    static final String PROPERTY = "millio.transport";

    /** By name, since packages of transports depend on this one. */
    private static final String BUILT_IN = "io.millio.transport.nio.NioTransportProvider";

    private static final List<Found> FOUND = find(
            builtIn(),
            // The loader of this class, not the thread's: which there are must not depend on who asks first.
            ServiceLoader.load(TransportProvider.class, TransportProvider.class.getClassLoader())
                    .iterator());

    private TransportLookup() {}

    /** A provider, or the name of one that failed, and why it can't be used. */
    record Found(String name, int priority, @Nullable TransportProvider provider, String reason) {
        boolean usable() {
            return reason.isEmpty();
        }
    }

    /**
     * The transport over {@code java.nio}; no service file, which a jar with everything may lack, says that it is
     * there.
     */
    private static List<Found> builtIn() {
        List<Found> found = new ArrayList<>();
        try {
            Class<?> provider = Class.forName(BUILT_IN, true, TransportLookup.class.getClassLoader());
            found.add(check((TransportProvider) provider.getConstructor().newInstance()));
        } catch (ReflectiveOperationException | LinkageError e) {
            found.add(new Found("nio", Integer.MIN_VALUE, null, e.toString())); // taken out of the jar, or renamed
        }
        return found;
    }

    /** The best, or the one of a name. */
    static Transport choose(@Nullable String name) {
        for (Found found : FOUND) {
            TransportProvider provider = found.provider();
            if (provider != null && found.usable() && (name == null || name.equals(found.name()))) {
                return provider.transport();
            }
        }
        String found = FOUND.stream()
                .map(each -> each.usable() ? each.name() : each.name() + " (" + each.reason() + ")")
                .collect(Collectors.joining(", "));
        throw new IllegalStateException(
                (name == null ? "no transport can be used" : "transport " + name + " can't be used") + "; found: "
                        + found);
    }

    static List<TransportStatus> statuses() {
        return FOUND.stream()
                .map(found -> new TransportStatus(found.name(), found.usable(), found.reason()))
                .toList();
    }

    /**
     * A provider that this virtual machine can't load shows as a {@link LinkageError} or a
     * {@link ServiceConfigurationError}, out of either method of the iterator, and must not hide the others.
     */
    static List<Found> find(Iterator<TransportProvider> providers) {
        return find(new ArrayList<>(), providers);
    }

    private static List<Found> find(List<Found> found, Iterator<TransportProvider> providers) {
        while (true) {
            try {
                if (!providers.hasNext()) {
                    break;
                }
                found.add(check(providers.next()));
            } catch (LinkageError | ServiceConfigurationError e) {
                Throwable cause = e.getCause() instanceof LinkageError inner ? inner : e;
                found.add(new Found("unknown", Integer.MIN_VALUE, null, cause.toString()));
                if (found.size() > 100) {
                    break; // an iterator that fails for ever
                }
            }
        }
        found.sort(Comparator.comparingInt(Found::priority).reversed());
        return List.copyOf(found);
    }

    private static Found check(TransportProvider provider) {
        String name = provider.name();
        try {
            String reason = provider.unusableReason();
            return new Found(name, provider.priority(), provider, reason == null ? "" : reason);
        } catch (LinkageError e) {
            return new Found(name, provider.priority(), null, e.toString());
        }
    }
}
