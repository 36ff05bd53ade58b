package io.millio.examples;

import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import java.net.InetSocketAddress;
import org.apache.commons.cli.Option;

/** Where a server on the internet protocols listens. */
final class AddressOptions {
    static final String LOOPBACK = "127.0.0.1";

    private static final Option HOST = Declare.value("host", "Address to listen on (default " + LOOPBACK + ").");
    private static final Option PORT = Declare.value("port", "Port to listen on (default 0: any free one).");

    private final String host;
    private final int port;

    AddressOptions(Arguments arguments) {
        host = arguments.textOf(HOST, LOOPBACK);
        port = arguments.intOf(PORT, 0, 0, 65535);
    }

    static void addTo(Syntax syntax) {
        syntax.add(HOST, PORT);
    }

    /** The address to listen on; an unknown host fails where it is used. */
    InetSocketAddress address() {
        return new InetSocketAddress(host, port);
    }
}
