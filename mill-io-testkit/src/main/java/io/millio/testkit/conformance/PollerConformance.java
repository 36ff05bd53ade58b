package io.millio.testkit.conformance;

import io.millio.transport.Transport;
import org.junit.jupiter.api.Nested;

/**
 * What the interfaces of {@code io.millio.transport} promise of a transport, as JUnit tests that use no loop: waits and
 * wake-ups, what is reported, and who is registered. The first tests that a new transport should pass; the guide to
 * transports says how they are run. {@link TransportConformance} includes them.
 */
public abstract class PollerConformance {
    /** For subclasses. */
    protected PollerConformance() {}

    /**
     * The transport under test.
     *
     * @return asked for several times a test
     */
    protected abstract Transport transport();

    /**
     * Makes the other ends of connections, for one test.
     *
     * @return peers over the sockets of the system, unless overridden
     */
    protected Peers newPeers() {
        return new SocketPeers();
    }

    @Nested
    class Waits extends PollerWaitConformance {
        @Override
        protected Transport transport() {
            return PollerConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return PollerConformance.this.newPeers();
        }
    }

    @Nested
    class Events extends PollerEventConformance {
        @Override
        protected Transport transport() {
            return PollerConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return PollerConformance.this.newPeers();
        }
    }

    @Nested
    class PollerRegistrations extends PollerRegistrationConformance {
        @Override
        protected Transport transport() {
            return PollerConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return PollerConformance.this.newPeers();
        }
    }
}
