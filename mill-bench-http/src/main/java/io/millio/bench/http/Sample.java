package io.millio.bench.http;

import io.millio.bench.http.load.Profile;
import io.millio.bench.http.server.Server;

/**
 * What one server did in one round of a profile.
 *
 * @param round from 1
 * @param cpuNanos the CPU time of the server for each request
 * @param perSecond requests
 * @param p99Nanos the latency that 99 % of the requests did not exceed
 */
record Sample(Server server, Profile profile, int round, double cpuNanos, double perSecond, double p99Nanos) {}
