package io.millio.bench.http;

import io.millio.bench.http.load.Profile;
import io.millio.bench.http.server.Server;
import java.util.List;

/**
 * What a comparison runs.
 *
 * @param warmupMillis how long each server is loaded before the first round of a profile
 * @param rounds of a profile, in each of which the servers take turns
 * @param millis how long a server is measured in a round
 */
record Plan(List<Server> servers, List<Profile> profiles, int warmupMillis, int rounds, int millis) {
    static final Plan USUAL = new Plan(List.of(Server.values()), List.of(Profile.values()), 3_000, 5, 2_000);
    static final Plan QUICK = new Plan(List.of(Server.values()), List.of(Profile.values()), 500, 2, 150);

    /** Returns how long the load runs in all, in seconds; starting, checking and connecting come on top. */
    long loadSeconds() {
        return (long) servers.size() * profiles.size() * (warmupMillis + (long) rounds * millis) / 1_000;
    }
}
