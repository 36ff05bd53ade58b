package io.millio.testkit;

import io.millio.testkit.conformance.Peers;
import io.millio.testkit.conformance.TransportConformance;
import io.millio.transport.Transport;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;

/** The simulation is a transport like any other: here in real time. */
abstract class SimConformance extends TransportConformance {
    private final SimHost host;

    SimConformance(boolean hangUps) throws SocketException {
        host = SimNetwork.live().hangUps(hangUps).host("a");
        // The tests of groups bind to the addresses of the machine's interfaces.
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            for (InetAddress address : each.inetAddresses().toList()) {
                host.ports.alias(address);
            }
        }
    }

    @Override
    protected Transport transport() {
        return host;
    }

    @Override
    protected Peers newPeers() {
        return new SimPeers(host);
    }
}
