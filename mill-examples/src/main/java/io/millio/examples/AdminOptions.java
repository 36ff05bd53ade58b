package io.millio.examples;

import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** The option of all servers for one beside them, which describes what they do. */
final class AdminOptions {
    private static final int NO_ADMIN = -1;

    private static final Option ADMIN = Declare.value(
            "admin",
            "PORT",
            "Serves what the loops do now at http://127.0.0.1:PORT/dump (0: any free port; default: does not).");

    private final int port;
    private @Nullable Supplier<String> dump;

    AdminOptions(Arguments arguments) {
        port = arguments.intOf(ADMIN, NO_ADMIN, 0, 65535);
    }

    static void addTo(Syntax syntax) {
        syntax.add(ADMIN);
    }

    /** Sets what describes the example; without it the loops are described. */
    void dump(Supplier<String> ofServer) {
        dump = ofServer;
    }

    /** Starts the server, if one was asked for; the caller closes it. */
    @Nullable
    AdminServer open(Supplier<String> ofLoops) throws IOException {
        return port == NO_ADMIN ? null : new AdminServer(port, Objects.requireNonNullElse(dump, ofLoops));
    }
}
