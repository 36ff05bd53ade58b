package io.millio.linux;

import io.millio.EventLoop;
import io.millio.testkit.conformance.WatchConformance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class InotifyConformanceTest extends WatchConformance {
    @Override
    protected String backend() {
        return "inotify";
    }

    @Override
    protected EventLoop openLoop() {
        return LoopbackPair.directLoop();
    }

    @Override
    protected boolean tellsMoves() {
        return true;
    }
}
