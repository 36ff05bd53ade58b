package io.millio.linux;

import io.millio.testkit.TransportConformance;
import io.millio.transport.Transport;

class EpollConformanceTest extends TransportConformance {
    @Override
    protected Transport transport() {
        return Transport.named("epoll");
    }
}
