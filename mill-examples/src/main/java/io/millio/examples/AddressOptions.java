package io.millio.examples;

import java.net.InetSocketAddress;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where a server on the internet protocols listens. */
final class AddressOptions {
    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default ${DEFAULT-VALUE}).")
    private String host;

    @Option(names = "--port", defaultValue = "0", description = "Port to listen on (default 0: any free one).")
    private int port;

    /** The address to listen on; an unknown host fails where it is used. */
    InetSocketAddress address() {
        if (port < 0 || port > 65535) {
            throw new ParameterException(spec.commandLine(), "--port: " + port + " is not between 0 and 65535");
        }
        return new InetSocketAddress(host, port);
    }
}
