package io.millio.linux;

import io.millio.testkit.conformance.TransportConformance;
import io.millio.transport.Transport;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class EpollConformanceTest extends TransportConformance {
    @Override
    protected Transport transport() {
        return Transport.named("epoll");
    }
}
