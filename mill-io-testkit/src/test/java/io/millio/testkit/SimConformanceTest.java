package io.millio.testkit;

import java.net.SocketException;

class SimConformanceTest extends SimConformance {
    SimConformanceTest() throws SocketException {
        super(true);
    }
}
