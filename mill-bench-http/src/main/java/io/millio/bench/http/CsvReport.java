package io.millio.bench.http;

import java.util.Locale;

/** Every round of every server, as comma-separated values (RFC 4180) with a head. */
final class CsvReport {
    private static final String HEAD = "profile,server,round,cpu_ns_per_request,requests_per_second,p99_ns,gate,"
            + "heap_bytes_per_connection\r\n";

    private final Results results;

    CsvReport(Results results) {
        this.results = results;
    }

    String text() {
        StringBuilder text = new StringBuilder(HEAD);
        for (Sample sample : results.samples()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s,%s,%d,%.1f,%.1f,%.0f,%s,%s\r\n",
                    sample.profile().label(),
                    sample.server().label(),
                    sample.round(),
                    sample.cpuNanos(),
                    sample.perSecond(),
                    sample.p99Nanos(),
                    results.gateText(sample.server()),
                    results.heapText(sample.server())));
        }
        return text.toString();
    }
}
