package io.millio.faults.scenario;

import io.millio.net.UdpEndpoint;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** Sends each datagram back, in which faults strike as well. */
final class EchoDatagramHandler extends CountedDatagramHandler {
    EchoDatagramHandler(UdpScenario scenario) {
        super(scenario);
    }

    @Override
    public void onDatagram(UdpEndpoint endpoint, ByteBuffer bytes, SocketAddress from) {
        endpoint.send(bytes, from);
    }
}
