package io.millio.examples.jsonrpc;

import io.millio.EventLoop;
import io.millio.task.Priority;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A service's dispatchers, one for each loop that has connections. Any thread. */
final class Dispatchers {
    final JsonRpc service;
    private final Map<EventLoop, Dispatcher> byLoop = new ConcurrentHashMap<>();

    Dispatchers(JsonRpc service) {
        this.service = service;
    }

    Dispatcher of(EventLoop loop) {
        return byLoop.computeIfAbsent(loop, each -> new Dispatcher(service, offload(each)));
    }

    /** The loop's compute pool. */
    Offload offload(EventLoop loop) {
        return (task, callback) -> loop.compute(Priority.NORMAL, task, callback);
    }
}
