package io.millio.testkit.conformance;

import io.millio.transport.Transport;
import org.junit.jupiter.api.Nested;

/**
 * The behaviours that every transport must have, as JUnit tests. The tests of a transport extend this class:
 *
 * <pre>{@code
 * class MyTransportTest extends TransportConformance {
 *     @Override
 *     protected Transport transport() {
 *         return Transport.named("mine");
 *     }
 * }
 * }</pre>
 *
 * <p>Loops are driven by the tests, on a clock that stands still until a test moves it; nothing depends on the order of
 * tests or on the speed of the machine: what is awaited has 10 seconds, or as many as the system property
 * {@code millio.testkit.deadlineSeconds} says. What only some transports can do is tested where their
 * {@link Transport#capabilities} say so.
 */
public abstract class TransportConformance {
    /** For subclasses. */
    protected TransportConformance() {}

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
    class Pollers extends PollerConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Turns extends LoopConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class WakeUps extends WakeUpConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Registrations extends RegistrationConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Callbacks extends CallbackConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Connects extends ConnectConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Settings extends SocketSettingsConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Streams extends StreamConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Faults extends FaultConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Endings extends EndingConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Arguments extends ArgumentConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Datagrams extends DatagramConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class DatagramPeers extends DatagramPeerConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class UnixSockets extends UnixConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }

    @Nested
    class Groups extends GroupConformance {
        @Override
        protected Transport transport() {
            return TransportConformance.this.transport();
        }

        @Override
        protected Peers newPeers() {
            return TransportConformance.this.newPeers();
        }
    }
}
