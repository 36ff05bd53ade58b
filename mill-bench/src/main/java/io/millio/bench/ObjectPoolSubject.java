package io.millio.bench;

import io.millio.pool.Lease;
import io.millio.pool.ObjectPool;
import io.netty.util.Recycler;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.Blackhole;

/**
 * A pool of objects of a kibibyte.
 *
 * @param <L> the type of a lease
 */
interface ObjectPoolSubject<L> extends AutoCloseable {
    L acquire();

    void use(L lease, Blackhole used);

    void release(L lease);

    @Override
    default void close() {}

    static ObjectPoolSubject<?> open(String subject) {
        return switch (subject) {
            case "Mill.ObjectPool" -> new Pooled();
            case "Netty.Recycler" -> new Recycled();
            case "JDK.New" -> new Fresh();
            default -> throw new IllegalArgumentException("subject: " + subject);
        };
    }

    /** The pooled object. */
    final class Holder {
        private final byte[] bytes = new byte[1024];
        private final Recycler.@Nullable Handle<Holder> handle; // of a recycler

        Holder(Recycler.@Nullable Handle<Holder> handle) {
            this.handle = handle;
        }

        void use(Blackhole used) {
            bytes[7]++;
            used.consume(this); // it escapes, so that the compiler does not remove it
        }
    }

    /** Mill-IO's pool. */
    final class Pooled implements ObjectPoolSubject<Lease<Holder>> {
        private final ObjectPool<Holder> pool =
                ObjectPool.builder(() -> new Holder(null)).build();

        @Override
        public Lease<Holder> acquire() {
            return pool.acquire();
        }

        @Override
        public void use(Lease<Holder> lease, Blackhole used) {
            lease.get().use(used);
        }

        @Override
        public void release(Lease<Holder> lease) {
            lease.close();
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    /** Netty's. */
    final class Recycled implements ObjectPoolSubject<Holder> {
        private final Recycler<Holder> recycler = new Recycler<>() {
            @Override
            protected Holder newObject(Handle<Holder> handle) {
                return new Holder(handle);
            }
        };

        @Override
        public Holder acquire() {
            return recycler.get();
        }

        @Override
        public void use(Holder holder, Blackhole used) {
            holder.use(used);
        }

        @Override
        public void release(Holder holder) {
            if (holder.handle != null) {
                holder.handle.recycle(holder);
            }
        }
    }

    /** None: a new object each time. */
    final class Fresh implements ObjectPoolSubject<Holder> {
        @Override
        public Holder acquire() {
            return new Holder(null);
        }

        @Override
        public void use(Holder holder, Blackhole used) {
            holder.use(used);
        }

        @Override
        public void release(Holder holder) {}
    }
}
