package io.millio.testkit.conformance;

class WatchServiceConformanceTest extends WatchConformance {
    @Override
    protected String backend() {
        return "watch-service";
    }
}
