package io.millio.testkit.conformance;

class PollingConformanceTest extends WatchConformance {
    @Override
    protected String backend() {
        return "polling";
    }
}
