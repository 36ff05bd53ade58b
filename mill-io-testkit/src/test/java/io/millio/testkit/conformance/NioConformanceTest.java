package io.millio.testkit.conformance;

import io.millio.transport.Transport;

class NioConformanceTest extends TransportConformance {
    @Override
    protected Transport transport() {
        return Transport.named("nio");
    }
}
