package io.millio.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TransportLookupTest {
    private static final Transport NIO = Transport.named("nio");

    /** An iterator as ServiceLoader gives: each step may throw, out of either method. */
    private static Iterator<TransportProvider> iterator(
            boolean throwsInHasNext, List<Supplier<TransportProvider>> steps) {
        List<Supplier<TransportProvider>> left = new ArrayList<>(steps);
        return new Iterator<>() {
            private @Nullable TransportProvider next;

            @Override
            public boolean hasNext() {
                if (left.isEmpty()) {
                    return false;
                }
                if (throwsInHasNext) {
                    next = left.remove(0).get();
                }
                return true;
            }

            @Override
            public TransportProvider next() {
                return next != null ? next : left.remove(0).get();
            }
        };
    }

    private static Supplier<TransportProvider> provider(String name, int priority, @Nullable String reason) {
        return () -> new TransportProvider() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public int priority() {
                return priority;
            }

            @Override
            public @Nullable String unusableReason() {
                return reason;
            }

            @Override
            public Transport transport() {
                return NIO;
            }
        };
    }

    private static Supplier<TransportProvider> failing(Error error) {
        return () -> {
            throw error;
        };
    }

    @Test
    void passesOverProvidersThatCantBeLoadedOrUsedAndSaysWhy() {
        List<Supplier<TransportProvider>> steps = List.of(
                failing(new UnsupportedClassVersionError("of a newer Java")),
                provider("low", 0, null),
                failing(new ServiceConfigurationError("broken", new NoClassDefFoundError("gone"))),
                provider("refused", 10, "no native access"),
                provider("high", 5, null));
        for (boolean inHasNext : new boolean[] {true, false}) {
            List<TransportLookup.Found> found = TransportLookup.find(iterator(inHasNext, steps));

            assertThat(found)
                    .extracting(TransportLookup.Found::name)
                    .containsExactly("refused", "high", "low", "unknown", "unknown");
            assertThat(found)
                    .filteredOn(TransportLookup.Found::usable)
                    .extracting(TransportLookup.Found::name)
                    .containsExactly("high", "low");
            assertThat(found)
                    .extracting(TransportLookup.Found::reason)
                    .anyMatch(reason -> reason.contains("of a newer Java"))
                    .anyMatch(reason -> reason.contains("gone"))
                    .contains("no native access");
        }
    }

    @Test
    void aLookUpThatFailsForEverComesToAnEnd() {
        Iterator<TransportProvider> broken = new Iterator<>() {
            @Override
            public boolean hasNext() {
                throw new ServiceConfigurationError("broken");
            }

            @Override
            public TransportProvider next() {
                throw new ServiceConfigurationError("broken");
            }
        };
        assertThat(TransportLookup.find(broken)).hasSize(101).noneMatch(TransportLookup.Found::usable);
    }

    @Test
    void passesOverAProviderThatFailsWhenItIsAsked() {
        Supplier<TransportProvider> failsLate = () -> new TransportProvider() {
            @Override
            public String name() {
                return "late";
            }

            @Override
            public int priority() {
                return 1;
            }

            @Override
            public @Nullable String unusableReason() {
                throw new NoClassDefFoundError("late");
            }

            @Override
            public Transport transport() {
                throw new AssertionError("must not be asked");
            }
        };

        assertThat(TransportLookup.find(iterator(false, List.of(failsLate))))
                .singleElement()
                .matches(found -> !found.usable() && found.reason().contains("late"));
    }

    @Test
    void findsNioInThisProcess() {
        assertThat(Transport.available()).contains(new TransportStatus("nio", true, ""));
        assertThat(Transport.best().name()).isEqualTo("nio");
    }

    @Test
    void thePropertyForcesATransportAndAnUnknownOneIsAnError() {
        String before = System.getProperty(TransportLookup.PROPERTY);
        try {
            System.setProperty(TransportLookup.PROPERTY, " nio ");
            assertThat(Transport.best().name()).isEqualTo("nio");
            System.setProperty(TransportLookup.PROPERTY, "no-such");
            assertThatIllegalStateException().isThrownBy(Transport::best).withMessageContainingAll("no-such", "nio");
        } finally {
            if (before == null) {
                System.clearProperty(TransportLookup.PROPERTY);
            } else {
                System.setProperty(TransportLookup.PROPERTY, before);
            }
        }
    }

    @Test
    @SuppressWarnings("NullAway") // passes null on purpose
    void refusesNullForAName() {
        assertThatThrownBy(() -> Transport.named(null)).isInstanceOf(NullPointerException.class);
    }

    /** One jar with everything, whose service files were not merged, or were lost. */
    private static final class WithoutServices extends URLClassLoader {
        WithoutServices(Class<?> from) {
            super(new URL[] {from.getProtectionDomain().getCodeSource().getLocation()}, null);
        }

        @Override
        public Enumeration<URL> findResources(String name) throws IOException {
            return name.startsWith("META-INF/services/") ? Collections.emptyEnumeration() : super.findResources(name);
        }
    }

    @Test
    void findsNioWithoutAServiceFile() throws Exception {
        try (WithoutServices loader = new WithoutServices(Transport.class)) {
            Class<?> transport = loader.loadClass(Transport.class.getName());
            assertThat(transport).isNotSameAs(Transport.class);
            Object best = transport.getMethod("best").invoke(null);
            assertThat(transport.getMethod("name").invoke(best)).isEqualTo("nio");
            assertThat(transport.getMethod("named", String.class).invoke(null, "nio"))
                    .isSameAs(best);
            assertThat((List<?>) transport.getMethod("available").invoke(null)).hasSize(1);
        }
    }
}
