package io.millio.bench.http.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The program of the load's process. Each line on its standard input is a command, answered by a line: {@code open PORT
 * PROFILE}, {@code run MILLIS} and {@code close}. It ends with its standard input.
 */
public final class LoadProgram {
    /** What the answer to a command begins with that failed, or had nothing to do. */
    public static final String FAILED = "failed ";

    private LoadProgram() {}

    public static void main(String[] args) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        Load load = null;
        for (String line; (line = commands.readLine()) != null; ) {
            try {
                String[] words = line.split(" ", -1);
                switch (words[0]) {
                    case "open" -> {
                        load = Load.open(Integer.parseInt(words[1]), Profile.valueOf(words[2]));
                        System.out.println("opened");
                    }
                    case "run" -> System.out.println(run(load, Long.parseLong(words[1])));
                    default -> {
                        if (load != null) {
                            load.close();
                        }
                        load = null;
                        System.out.println("closed");
                    }
                }
            } catch (IOException e) {
                System.out.println(FAILED + String.valueOf(e.getMessage()).replaceAll("\\R", " | "));
            }
        }
        System.exit(0);
    }

    private static String run(@Nullable Load load, long millis) throws IOException {
        if (load == null) {
            throw new IOException("no load is open");
        }
        Load.Result result = load.run(TimeUnit.MILLISECONDS.toNanos(millis));
        return result.requests() + " " + result.nanos() + " " + result.p99Nanos();
    }
}
