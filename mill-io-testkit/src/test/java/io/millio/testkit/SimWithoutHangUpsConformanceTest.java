package io.millio.testkit;

import java.net.SocketException;

class SimWithoutHangUpsConformanceTest extends SimConformance {
    SimWithoutHangUpsConformanceTest() throws SocketException {
        super(false);
    }
}
