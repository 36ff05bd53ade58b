package io.millio.testkit;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.LoopError;
import io.millio.Registration;
import io.millio.Timer;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A random program on a random network. Clients send requests, several at a time, from several threads; the server
 * answers each to its sender or to everybody; requests that are not answered in time end as well. What must hold is
 * checked on the way and at the end.
 *
 * <p>A message is the number of its connection in the high half, and in the low half the number of the request.
 */
final class Swarm {
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    private static final int PORT = 80;

    private final SimNetwork network;
    private final SimHost server;
    private final List<SwarmConnection> served = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final List<EventLoop> loops = new ArrayList<>();
    private final List<Runnable> atTheEnd = new ArrayList<>();
    private boolean broadcast;
    private boolean benign = true; // no connection breaks, nothing is held up for long

    Swarm(SimNetwork network) {
        this.network = network;
        this.server = network.host("server");
        network.stepLimit(300_000);
    }

    void run() throws IOException {
        setUpNetwork();
        broadcast = network.draw(3) == 0;
        EventLoop serving = loop(server);
        TcpListener listener = serving.openListener(server.address(PORT), 1 + network.draw(8));
        Registration accepting = serving.register(listener, Interest.READABLE, event -> accept(serving, listener));
        int hosts = 1 + network.draw(3);
        for (int i = 0; i < hosts; i++) {
            SimHost host = network.host("client" + i);
            EventLoop loop = loop(host);
            Executor elsewhere = host.executor(1 + network.draw(3));
            int connections = 1 + network.draw(3);
            for (int j = 0; j < connections; j++) {
                Client client = new Client(loop, clients.size(), 1 + network.draw(15));
                clients.add(client);
                network.after(Duration.ofMillis(network.draw(20)), () -> elsewhere.execute(client::begin));
            }
            startTimers(loop);
        }
        orderTrouble(hosts);
        network.run();
        check();
        accepting.close();
        served.forEach(SwarmConnection::closeNow);
        network.run();
        loops.forEach(EventLoop::close);
        network.run();
        network.assertNothingLeaked();
    }

    // ---- the network

    private double oneIn(int often, double most) {
        return network.draw(often) == 0 ? most * (1 + network.draw(100)) / 100 : 0;
    }

    private void setUpNetwork() {
        network.hangUps(network.draw(2) == 0).preemption(network.draw(4) == 0 ? 0.5 : 0.125);
        Link links = network.links()
                .latency(Duration.ZERO, Duration.ofMillis(network.draw(10)))
                .shortReads(oneIn(2, 0.5))
                .shortWrites(oneIn(2, 0.5))
                .wouldBlock(oneIn(2, 0.3));
        if (network.draw(2) == 0) {
            links.window(1 + network.draw(100));
        }
        if (network.draw(3) == 0) {
            links.bandwidth(1000 + network.draw(100_000));
        }
        if (network.draw(3) == 0) {
            benign = false;
            links.resets(oneIn(1, 0.05)).refusals(oneIn(2, 0.3)).timeouts(oneIn(2, 0.3));
        }
    }

    private EventLoop loop(SimHost host) {
        host.spuriousWakeUps(oneIn(3, 0.2)).interruptedPolls(oneIn(3, 0.2));
        int workers = network.draw(4);
        UnaryOperator<EventLoopBuilder> settings = switch (network.draw(3)) {
            case 0 -> EventLoopBuilder::direct;
            case 1 -> builder -> builder.executor(host.executor(1 + workers));
            default -> builder -> builder.eventCapacity(1 + workers).maxTasksPerTurn(1 + workers);
        };
        EventLoop loop = host.loop(settings);
        loops.add(loop);
        return loop;
    }

    private void orderTrouble(int hosts) {
        if (network.draw(3) == 0) {
            server.exhaustAccepts(network.draw(4));
        }
        int troubles = network.draw(2) == 0 ? 0 : network.draw(4);
        for (int i = 0; i < troubles; i++) {
            String victim = "client" + network.draw(hosts);
            Duration after = Duration.ofMillis(network.draw(100));
            Duration length = Duration.ofMillis(network.draw(40_000));
            benign = false;
            switch (network.draw(6)) {
                case 0 -> {
                    network.after(after, () -> network.partition("server", victim));
                    network.after(after.plus(length), () -> network.heal("server", victim));
                }
                case 1 -> network.after(after, () -> network.host(victim).pause(length));
                case 2 -> network.after(after, () -> network.jump(length));
                case 3 -> {
                    network.after(after, () -> network.partitionWay(victim, "server"));
                    network.after(after.plus(length), () -> network.heal("server", victim));
                }
                case 4 -> network.after(after, () -> network.timeOut("server", victim));
                default -> {
                    Client one = clients.get(network.draw(clients.size()));
                    network.after(after, one::hangUp);
                }
            }
        }
    }

    // ---- the server

    private void accept(EventLoop loop, TcpListener listener) throws IOException {
        for (TcpStream next; (next = listener.accept()) != null; ) {
            int number = served.size();
            SwarmConnection[] self = new SwarmConnection[1];
            self[0] = new SwarmConnection(
                    "server's " + number, next, true, 8 + number, message -> answer(self[0], message), () -> {});
            served.add(self[0]);
            self[0].registered(loop.register(next, Interest.READABLE, self[0]));
        }
    }

    private void answer(SwarmConnection to, long message) {
        if (!broadcast) {
            to.send(message);
            return;
        }
        for (SwarmConnection each : List.copyOf(served)) {
            each.send(message);
        }
    }

    // ---- clients

    private final class Client {
        final EventLoop loop;
        final int number;
        final int requests;
        final int[] ends;
        final Map<Integer, Integer> lastOf = new HashMap<>();
        final List<@Nullable Timer> timeouts = new ArrayList<>();
        final AtomicInteger open = new AtomicInteger();

        @Nullable
        SwarmConnection connection;

        @Nullable
        Registration registration;

        int sent;
        int answered;
        int timedOut;
        boolean failed;

        Client(EventLoop loop, int number, int requests) {
            this.loop = loop;
            this.number = number;
            this.requests = requests;
            this.ends = new int[requests];
            this.open.set(requests);
        }

        /** On a thread that is not the loop's. */
        void begin() {
            try {
                TcpStream stream = loop.openStream(server.address(PORT));
                SwarmConnection made =
                        new SwarmConnection("client's " + number, stream, false, 16, this::received, this::closed);
                connection = made;
                registration = loop.register(stream, Interest.WRITABLE, made);
                made.registered(registration);
                for (int i = 0; i < requests; i++) {
                    int request = i;
                    timeouts.add(loop.schedule(ANSWER_TIMEOUT, () -> timeout(request)));
                    sent++;
                    made.send((long) number << 32 | request);
                    if (made.isClosed()) {
                        end(request); // its end has come before it was sent
                    }
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private void received(long message) {
            int from = (int) (message >>> 32);
            int request = (int) message;
            Integer last = lastOf.put(from, request);
            if (last != null && last + 1 != request) {
                throw new AssertionError("client " + number + " got " + request + " of " + from + " after " + last);
            }
            if (from != number) {
                if (!broadcast) {
                    throw new AssertionError("client " + number + " got an answer to " + from);
                }
                return;
            }
            if (request >= sent) {
                throw new AssertionError("client " + number + " got an answer to what it has not sent: " + request);
            }
            if (last == null && request != 0) {
                throw new AssertionError("client " + number + " got " + request + " first");
            }
            answered++;
            end(request);
        }

        private void timeout(int request) {
            if (ends[request] == 0) {
                timedOut++;
                end(request);
            }
        }

        private void closed() {
            failed = failed || answered < requests;
            for (int i = 0; i < sent; i++) {
                end(i);
            }
        }

        private void end(int request) {
            if (ends[request]++ != 0) {
                ends[request]--;
                return; // timed out before, or its connection had ended
            }
            Timer timeout = timeouts.get(request);
            if (timeout != null) {
                timeout.cancel();
            }
            Registration known = registration;
            if (open.decrementAndGet() == 0 && known != null) {
                known.close();
            }
        }

        /** Ends it before its time. */
        void hangUp() {
            Registration known = registration;
            if (known != null && known.isActive()) {
                if (number % 2 == 0) {
                    known.close();
                } else {
                    try {
                        known.deregister();
                        known.source().close();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }
            }
        }
    }

    // ---- timers

    private void startTimers(EventLoop loop) {
        int count = network.draw(6);
        for (int i = 0; i < count; i++) {
            // From a millisecond to about an hour, each order of magnitude as often.
            Duration delay = Duration.ofMillis(1L + network.draw(1 << (2 + network.draw(20))));
            AtomicInteger fired = new AtomicInteger();
            Duration due = network.now().plus(delay);
            Timer timer = loop.schedule(delay, () -> {
                Duration now = network.now();
                if (now.compareTo(due) < 0) {
                    throw new AssertionError("a timer due at " + due + " fires early, at " + now);
                }
                if (benign && now.minus(due).toMillis() > 5) {
                    throw new AssertionError("a timer due at " + due + " fires late, at " + now);
                }
                if (fired.incrementAndGet() > 1) {
                    throw new AssertionError("a timer fires twice");
                }
            });
            if (network.draw(4) == 0) {
                network.after(Duration.ofMillis(network.draw(1000)), () -> {
                    if (timer.cancel()) {
                        fired.set(1);
                    }
                });
            }
            atTheEnd.add(() -> {
                if (fired.get() != 1) {
                    throw new AssertionError("a timer due at " + due + " fired " + fired + " times");
                }
            });
        }
    }

    // ---- what must hold

    private void check() {
        atTheEnd.forEach(Runnable::run);
        for (Client client : clients) {
            for (int request = 0; request < client.requests; request++) {
                if (client.ends[request] != 1) {
                    throw new AssertionError("request " + request + " of client " + client.number + " ended "
                            + client.ends[request] + " times");
                }
            }
            if (benign && client.answered != client.requests) {
                throw new AssertionError("client " + client.number + " got " + client.answered + " answers to "
                        + client.requests + " requests, though nothing went wrong; " + client.timedOut + " timed out");
            }
            SwarmConnection connection = client.connection;
            if (connection != null && connection.endedWell && client.answered + client.timedOut < client.requests) {
                throw new AssertionError("client " + client.number + " lost answers on a connection that ended well");
            }
        }
        for (LoopError error : network.errors()) {
            if (!(error.cause() instanceof IOException) && !(error.cause() instanceof RejectedExecutionException)) {
                throw new AssertionError("an unexpected failure: " + error, error.cause());
            }
        }
    }
}
