package io.millio.net;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The connections of one server or client on one loop. Loop only, unless a method says otherwise. */
final class Residents {
    final NetLoop net;
    final ConnectionOptions options;
    final Entrance entrance;

    /** The limits of bytes a second that they share; null: there are none. */
    final @Nullable ByteGate reading;

    final @Nullable ByteGate writing;

    /** Where an address takes its place when a PROXY header has told it; null: it needs none. */
    private final @Nullable Places places;

    /** Told once of each connection that has gone, or has not come about; on the loop, or where its end is told. */
    private final Consumer<StreamConnection> whenLeft;

    // Those given to the loop and not gone: atomic, since the accepting thread compares the loops by it.
    private final AtomicInteger count = new AtomicInteger();

    private @Nullable StreamConnection first;
    private boolean draining;
    private boolean over;

    Residents(
            NetLoop net,
            ConnectionOptions options,
            Entrance entrance,
            ByteLimits limits,
            @Nullable Places places,
            Consumer<StreamConnection> whenLeft) {
        this.net = net;
        this.options = options;
        this.entrance = entrance;
        this.reading = ByteGate.of(net, limits.reading());
        this.writing = ByteGate.of(net, limits.writing());
        this.places = places;
        this.whenLeft = whenLeft;
    }

    /** The loop with the fewest connections; among equals each in turn. Any thread. */
    static Residents least(List<Residents> of, AtomicInteger rotation) {
        int size = of.size();
        int begin = size == 1 ? 0 : Math.floorMod(rotation.getAndIncrement(), size);
        Residents least = of.get(begin);
        for (int i = 1; i < size; i++) {
            Residents each = of.get((begin + i) % size);
            if (each.count() < least.count()) {
                least = each;
            }
        }
        return least;
    }

    /** One more is on its way to the loop. Any thread. */
    void expected() {
        count.incrementAndGet();
    }

    /** One of the expected has gone, or has not come about. Any thread. */
    void left(StreamConnection connection) {
        count.decrementAndGet();
        whenLeft.accept(connection);
    }

    /** How many are on this loop, or on their way. Any thread. */
    int count() {
        return count.get();
    }

    /** What the limits of reading of all loops have come to. Any thread. */
    static LimitStats readStats(List<Residents> of) {
        return of.stream().map(each -> ByteGate.stats(each.reading)).reduce(LimitStats.NONE, LimitStats::plus);
    }

    /** What the limits of writing of all loops have come to. Any thread. */
    static LimitStats writeStats(List<Residents> of) {
        return of.stream().map(each -> ByteGate.stats(each.writing)).reduce(LimitStats.NONE, LimitStats::plus);
    }

    boolean tryPlace(SocketAddress client) {
        return places == null || places.tryTake(client);
    }

    void add(StreamConnection connection) {
        StreamConnection old = first;
        connection.next = old;
        if (old != null) {
            old.previous = connection;
        }
        first = connection;
        if (over) {
            connection.reset(CloseCause.SERVER_CLOSED, null);
        } else if (draining) {
            connection.wish(ConnectionState.DRAIN);
        }
    }

    /** Tells all that are here, and those that are still on their way when they come. */
    void drain() {
        draining = true;
        all().forEach(StreamConnection::drain);
    }

    /** Ends all that are here, and those that are still on their way when they come. */
    void cutOff() {
        over = true;
        all().forEach(connection -> connection.reset(CloseCause.SERVER_CLOSED, null));
    }

    void remove(StreamConnection connection) {
        StreamConnection before = connection.previous;
        StreamConnection after = connection.next;
        if (before != null) {
            before.next = after;
        } else if (first == connection) {
            first = after;
        }
        if (after != null) {
            after.previous = before;
        }
        connection.previous = null;
        connection.next = null;
    }

    private List<StreamConnection> all() {
        List<StreamConnection> all = new ArrayList<>();
        for (StreamConnection each = first; each != null; each = each.next) {
            all.add(each);
        }
        return all;
    }
}
