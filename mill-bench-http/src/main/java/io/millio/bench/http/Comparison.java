package io.millio.bench.http;

import io.millio.bench.http.gate.Gate;
import io.millio.bench.http.load.Load;
import io.millio.bench.http.load.Profile;
import io.millio.bench.http.server.Server;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts all servers, checks them, and then, for each profile, loads one after the other in several rounds, while the
 * others are idle. One thread.
 */
final class Comparison {
    private static final int GATE_TIMEOUT_MILLIS = 2_000;

    private final Plan plan;
    private final Path folder;
    private final PrintWriter progress;
    private final List<ServerProcess> servers = new ArrayList<>();
    private final Results results = new Results();

    Comparison(Plan plan, Path folder, PrintWriter progress) {
        this.plan = plan;
        this.folder = folder;
        this.progress = progress;
    }

    /** Runs it all. A server that fails somewhere is left out there, and the results say so. */
    Results run() throws IOException, InterruptedException {
        try (LoadProcess load = new LoadProcess(folder)) {
            for (Server server : plan.servers()) {
                start(server);
            }
            for (ServerProcess server : List.copyOf(servers)) {
                check(server);
            }
            for (Profile profile : plan.profiles()) {
                measure(profile, load);
            }
            if (plan.profiles().contains(Profile.THOUSAND)) {
                for (ServerProcess server : servers) {
                    weigh(server, load);
                }
            }
            return results;
        } finally {
            servers.forEach(ServerProcess::close);
        }
    }

    private void start(Server server) throws InterruptedException {
        try {
            servers.add(ServerProcess.start(server, folder));
        } catch (IOException e) {
            progress.println(server.label() + " is left out: " + e.getMessage());
        }
    }

    private void check(ServerProcess server) throws InterruptedException {
        if (server.server() == Server.LIMIT) {
            return; // it parses nothing
        }
        Gate gate = new Gate(server.port(), GATE_TIMEOUT_MILLIS, connections -> Thread.sleep(1 + connections / 8));
        List<Gate.Failure> failures;
        try {
            failures = gate.run();
        } catch (IOException e) {
            servers.remove(server);
            server.close();
            progress.println(server.server().label() + " is left out: " + e.getMessage());
            return;
        }
        results.checked(server.server(), failures);
        progress.println(server.server().label() + ": " + (failures.isEmpty() ? "passed" : "failed"));
        failures.forEach(failure -> progress.println("  " + failure.check() + ": " + failure.detail()));
    }

    private void measure(Profile profile, LoadProcess load) throws IOException, InterruptedException {
        List<ServerProcess> able = new ArrayList<>(servers);
        for (int round = 0; round <= plan.rounds(); round++) { // the first one warms up
            for (ServerProcess server : List.copyOf(able)) {
                try {
                    measure(server, profile, load, round);
                } catch (IOException e) {
                    able.remove(server);
                    results.failed(server.server(), profile, String.valueOf(e.getMessage()));
                    progress.println(profile.label() + ", " + server.server().label() + " failed: " + e.getMessage());
                } finally {
                    load.closeConnections();
                }
            }
        }
    }

    private void measure(ServerProcess server, Profile profile, LoadProcess load, int round)
            throws IOException, InterruptedException {
        load.open(server.port(), profile);
        long before = server.cpuNanos();
        Load.Result result = load.run(round == 0 ? plan.warmupMillis() : plan.millis());
        long used = server.cpuNanos() - before;
        if (round == 0) {
            return;
        }
        results.add(new Sample(
                server.server(),
                profile,
                round,
                (double) used / result.requests(),
                result.requests() * 1e9 / result.nanos(),
                result.p99Nanos()));
        progress.printf(
                "%s, round %d, %s: %.2f us%n",
                profile.label(), round, server.server().label(), used / 1e3 / result.requests());
    }

    /** Measures the heap of idle connections, each of which has had a request answered. */
    private void weigh(ServerProcess server, LoadProcess load) throws IOException, InterruptedException {
        if (server.server() == Server.LIMIT) {
            return; // it has no heap
        }
        try {
            long before = server.heapBytes();
            load.open(server.port(), Profile.THOUSAND);
            long used = server.heapBytes() - before;
            results.weighed(server.server(), used / Profile.THOUSAND.connections);
        } catch (IOException e) {
            progress.println("heap of " + server.server().label() + ": " + e.getMessage());
        } finally {
            load.closeConnections();
        }
    }
}
