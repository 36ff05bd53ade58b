package io.millio.testkit;

import io.millio.Resolver;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/** The names of a simulated network: of its hosts, {@code localhost}, and addresses. */
record SimNames(SimWorld world) implements Resolver {
    /** An address that is not looked up. */
    private static final Pattern LITERAL = Pattern.compile("(:|[0-9A-Fa-f].*:).*|([0-9]{1,3}\\.){3}[0-9]{1,3}");

    @Override
    public CompletableFuture<List<InetAddress>> resolve(String name) {
        try {
            return CompletableFuture.completedFuture(List.of(address(name)));
        } catch (UnknownHostException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private InetAddress address(String name) throws UnknownHostException {
        synchronized (world) {
            SimHost host = world.hosts.get(name);
            if (host != null) {
                return host.inetAddress();
            }
            if (name.equals("localhost")) {
                return InetAddress.getLoopbackAddress();
            }
            if (LITERAL.matcher(name).matches()) {
                return InetAddress.getByName(name);
            }
            throw new UnknownHostException(
                    name + ": is not a host of the simulated network, which has " + world.hosts.keySet());
        }
    }
}
