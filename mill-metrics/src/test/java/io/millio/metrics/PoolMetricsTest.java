package io.millio.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.millio.EventLoop;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.net.pool.ConnectionLease;
import io.millio.net.pool.ConnectionPool;
import io.millio.pool.BufferLease;
import io.millio.pool.BufferPool;
import io.millio.pool.ObjectPool;
import io.millio.task.ComputePool;
import io.millio.task.Priority;
import io.millio.task.WorkerPool;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoolMetricsTest extends MetricsCase {
    private final CountDownLatch hold = new CountDownLatch(1);

    @Test
    void workersCountTheirTasks() throws Exception {
        try (WorkerPool pool = WorkerPool.create(1);
                TaskPoolMetrics metrics = new TaskPoolMetrics(pool, "w", Tags.empty())) {
            metrics.bindTo(registry);
            pool.execute(this::awaitRelease);
            pool.execute(() -> {});
            until("one waits", () -> value("millio_worker_pool_queued_tasks", "name=w") == 1);
            until("one runs", () -> value("millio_worker_pool_active_tasks", "name=w") == 1);
            assertThat(value("millio_worker_pool_submitted_tasks_total", "name=w"))
                    .isEqualTo(2);
            hold.countDown();
            until("both have run", () -> value("millio_worker_pool_completed_tasks_total", "name=w") == 2);
            assertNamedByTheConventions();
        }
        assertNothingIsLeft();
    }

    @Test
    void computationsAreCountedByPriorityAndTimed() throws Exception {
        try (ComputePool pool = ComputePool.create(1);
                TaskPoolMetrics metrics = new TaskPoolMetrics(pool, "c", Tags.empty())) {
            metrics.bindTo(registry);
            pool.execute(Priority.NORMAL, this::awaitRelease);
            until("it runs", () -> value("millio_compute_pool_active_tasks", "name=c") == 1);
            pool.execute(Priority.LOW, () -> {}); // an urgent one would have a thread of its own
            assertThat(value("millio_compute_pool_queued_tasks", "name=c", "priority=low"))
                    .isEqualTo(1);
            assertThat(value("millio_compute_pool_queued_tasks", "name=c", "priority=high"))
                    .isZero();
            hold.countDown();
            until("both have run", () -> value("millio_compute_pool_execution_seconds_count", "name=c") == 2);
            assertThat(value("millio_compute_pool_execution_max_seconds", "name=c"))
                    .isPositive()
                    .isLessThanOrEqualTo(value("millio_compute_pool_execution_seconds_sum", "name=c"));
            assertNamedByTheConventions();
        }
        assertNothingIsLeft();
    }

    /** Waits until a test lets go; bounded, as a test that fails closes the pool, which waits for its tasks. */
    private void awaitRelease() {
        try {
            assertThat(hold.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void buffersAndObjectsAreCounted() {
        try (BufferPool buffers = BufferPool.builder().name("b").build();
                ObjectPool<StringBuilder> objects =
                        ObjectPool.builder(StringBuilder::new).name("o").build();
                ObjectPoolMetrics ofObjects = new ObjectPoolMetrics(objects, Tags.empty())) {
            ObjectPoolMetrics ofBuffers = new ObjectPoolMetrics(buffers, Tags.empty());
            ofBuffers.bindTo(registry);
            ofObjects.bindTo(registry);
            try (BufferLease lease = buffers.acquire(1000)) {
                assertThat(value("millio_buffer_pool_memory_leased_bytes", "name=b"))
                        .isEqualTo(lease.buffer().capacity());
                assertThat(value("millio_buffer_pool_leased_buffers", "name=b")).isEqualTo(1);
            }
            objects.acquire().close();
            objects.acquire().close();
            assertThat(value("millio_buffer_pool_leased_buffers", "name=b")).isZero();
            assertThat(value("millio_buffer_pool_memory_limit_bytes", "name=b"))
                    .isEqualTo((double) buffers.stats().maxTotalBytes());
            assertThat(value("millio_object_pool_acquired_total", "name=o")).isEqualTo(2);
            assertThat(value("millio_object_pool_created_objects_total", "name=o"))
                    .isEqualTo(1);
            assertThat(value("millio_object_pool_idle_objects", "name=o")).isEqualTo(1);
            assertNamedByTheConventions();
            ofBuffers.close();
            assertThat(value("millio_object_pool_idle_objects", "name=o")).isEqualTo(1);
        }
        assertNothingIsLeft();
    }

    @Test
    void connectionsOfAPoolAreCountedByStateAndCause() throws Exception {
        try (EventLoop loop = EventLoop.builder().direct().build();
                TcpServer server = TcpServer.builder()
                        .address("127.0.0.1", 0)
                        .loop(loop)
                        .handler((connection, bytes) -> connection.write(bytes))
                        .start();
                TcpClient client = TcpClient.builder().loop(loop).build();
                ConnectionPool pool = ConnectionPool.builder(client).build();
                ConnectionPoolMetrics metrics = new ConnectionPoolMetrics(pool, "p", Tags.empty())) {
            metrics.bindTo(registry);
            loop.start();
            ConnectionLease lease = pool.acquire(server.localAddress(), (connection, bytes) -> {})
                    .get(20, TimeUnit.SECONDS);
            String connections = "millio_connection_pool_connections";
            until("it is leased", () -> value(connections, "name=p", "state=leased") == 1);
            assertThat(value("millio_connection_pool_acquire_seconds_count", "name=p"))
                    .isEqualTo(1);
            assertThat(value("millio_connection_pool_created_connections_total", "name=p"))
                    .isEqualTo(1);
            loop.execute(lease::release);
            until("it is idle", () -> value(connections, "name=p", "state=idle") == 1);
            assertThat(value(connections, "name=p", "state=leased")).isZero();
            loop.shutdown(Duration.ZERO).get(20, TimeUnit.SECONDS);
            assertThat(value(connections, "name=p", "state=idle")).isEqualTo(1); // the last that was known
            assertNamedByTheConventions();
        }
        assertNothingIsLeft();
    }

    @Test
    void aStuckLoopDoesNotHoldUpTheReading() throws Exception {
        try (EventLoop loop = EventLoop.builder().direct().build();
                TcpClient client = TcpClient.builder().loop(loop).build();
                ConnectionPool pool = ConnectionPool.builder(client).build();
                ConnectionPoolMetrics metrics = new ConnectionPoolMetrics(pool, "p", Tags.empty())) {
            metrics.bindTo(registry);
            loop.start();
            loop.execute(this::awaitRelease);
            assertThat(value("millio_connection_pool_pending", "name=p")).isZero();
            assertThat(value("millio_connection_pool_pending", "name=p")).isZero();
            hold.countDown();
        }
    }

    @Test
    void whatIsBoundStaysReachable() {
        bindAPoolThatIsForgotten();
        Gauge weak = Gauge.builder("control", new Object(), same -> 1).register(registry);
        until("what is held weakly has gone", () -> {
            System.gc();
            return Double.isNaN(weak.value());
        });
        assertThat(value("millio_buffer_pool_memory_limit_bytes", "name=b")).isPositive();
        assertThat(value("millio_buffer_pool_acquired_total", "name=b")).isEqualTo(1);
    }

    private void bindAPoolThatIsForgotten() {
        BufferPool pool = BufferPool.builder().name("b").build();
        new ObjectPoolMetrics(pool, Tags.empty()).bindTo(registry);
        pool.acquire(1).close();
    }
}
