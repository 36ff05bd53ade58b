package io.millio.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Puts load on each server in turn, round by round, and reports the medians of their resource use. The first rounds are
 * warm-up. The process that generates the load is the same for all, and is not counted.
 */
final class TlsSeries {
    static final Series.Effort USUAL = new Series.Effort(2, 3, 5, 1_500);
    static final Series.Effort QUICK = new Series.Effort(1, 1, 1, 1_000);

    /** From the first connection of a load until it counts. */
    private static final int RUN_IN_MILLIS = 300;

    private static final List<String> JVM_OPTIONS = List.of(
            "-Xms512m",
            "-Xmx512m",
            "-XX:+UseG1GC",
            "-XX:+AlwaysPreTouch",
            "-XX:AutoBoxCacheMax=8192",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.noUnsafe=false",
            "-Dio.netty.leakDetection.level=disabled");

    private final Series.Effort effort;
    private final PrintWriter progress;
    private final RatioTable cpu = new RatioTable("CPU of the server, µs for each message or handshake");
    private final RatioTable time = new RatioTable("Time by the clock, µs for each (the load shares the machine)");

    TlsSeries(Series.Effort effort, PrintWriter progress) {
        this.effort = effort;
        this.progress = progress;
    }

    List<RatioTable> run(List<TlsLoad> loads) throws IOException {
        Path folder = Files.createTempDirectory("millio-bench");
        Path store = folder.resolve("store.p12");
        try {
            makeKeys(store);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            try (InputStream from = Files.newInputStream(store)) {
                trusted.load(from, TlsServers.PASSWORD.toCharArray());
            }
            for (TlsLoad load : loads) {
                for (int fork = 0; fork < effort.forks(); fork++) {
                    compare(load, store, trusted);
                }
            }
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            Files.deleteIfExists(store);
            Files.delete(folder);
        }
        return List.of(cpu, time);
    }

    private void compare(TlsLoad load, Path store, KeyStore trusted) throws Exception {
        Map<String, ServerProcess> servers = new LinkedHashMap<>();
        try {
            for (String subject : load.subjects()) {
                List<String> options = new ArrayList<>(JVM_OPTIONS);
                options.add("-Dmillio.transport=" + TlsServers.transportOf(subject));
                servers.put(
                        subject, ServerProcess.start(TlsServers.class, options, List.of(subject, store.toString())));
            }
            for (int round = -effort.warmups(); round < effort.iterations(); round++) {
                for (Map.Entry<String, ServerProcess> server : servers.entrySet()) {
                    measure(load, server.getKey(), server.getValue(), trusted, round >= 0);
                }
            }
        } finally {
            servers.values().forEach(ServerProcess::close);
        }
    }

    private void measure(TlsLoad load, String subject, ServerProcess server, KeyStore trusted, boolean counts)
            throws Exception {
        try (TlsLoad.Running running = load.begin(server.port(), trusted)) {
            Thread.sleep(RUN_IN_MILLIS);
            long doneBefore = running.done();
            Duration cpuBefore = server.cpuTime();
            long before = System.nanoTime();
            Thread.sleep(counts ? effort.millis() : (long) effort.millis() * load.warmupFactor());
            long nanos = System.nanoTime() - before;
            Duration used = server.cpuTime().minus(cpuBefore);
            long done = running.done() - doneBefore;
            double cpuMicros = used.toNanos() / 1e3 / done;
            progress.printf(
                    Locale.ROOT,
                    "%s %s%s: %,.1f µs of CPU each, %,.0f a second%n",
                    load,
                    subject,
                    counts ? "" : " (warming up)",
                    cpuMicros,
                    done * 1e9 / nanos);
            progress.flush();
            if (counts) {
                cpu.add(load.toString(), subject, cpuMicros, Double.NaN);
                time.add(load.toString(), subject, nanos / 1e3 / done, Double.NaN);
            }
        }
    }

    private static void makeKeys(Path store) throws IOException, InterruptedException {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        List<String> command = new ArrayList<>(List.of(tool.toString(), "-genkeypair", "-alias", TlsServers.ALIAS));
        command.addAll(List.of("-keyalg", "EC", "-dname", "CN=localhost", "-validity", "2", "-storetype", "PKCS12"));
        command.addAll(List.of("-ext", "san=dns:localhost,ip:127.0.0.1"));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", TlsServers.PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool made no key: " + said.strip());
        }
    }
}
