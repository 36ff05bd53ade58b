package io.millio.bench;

import java.util.List;

/** Benchmarks that are run together. */
enum Group {
    TIMERS("to start, cancel, move and fire timers, next to many others"),
    EXECUTE("to give tasks to a loop, one that is busy or one that sleeps"),
    POOLS("pools of objects, of buffers, and of threads"),
    LIMITS("limiters of rate, used by one thread and by two"),
    POOL("a pool of connections, next to a round trip and to new connections"),
    HEADS("the parser of HTTP requests, for heads of two sizes"),
    JSONRPC("calls a second of a JSON-RPC server, and what each costs it"),
    TLS("servers that echo over TLS, in processes of their own: their CPU for each message and handshake");

    final String description;

    Group(String description) {
        this.description = description;
    }

    List<Class<?>> benchmarks() {
        return switch (this) {
            case TIMERS -> List.of(TimerScheduleCancel.class, TimerRearm.class, TimerExpire.class);
            case EXECUTE -> List.of(ExecuteWindow.class, ExecuteFlood.class, ExecuteSleeping.class);
            case POOLS ->
                List.of(
                        ObjectPoolAcquire.class,
                        ObjectPoolHandOff.class,
                        ObjectPoolVirtual.class,
                        BufferPoolAcquire.class,
                        ComputeSubmit.class,
                        WorkerHandOff.class);
            case TLS -> List.of(); // of none of JMH's: see TlsSeries
            case LIMITS -> List.of(LimiterAlone.class, LimiterShared.class);
            case POOL -> List.of(PoolAcquire.class, PoolRequest.class);
            case HEADS -> List.of(RequestHead.class);
            case JSONRPC -> List.of(); // servers in processes of their own: no matter for JMH
        };
    }
}
