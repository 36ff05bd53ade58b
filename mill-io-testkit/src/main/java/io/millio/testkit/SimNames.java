package io.millio.testkit;

import io.millio.Resolver;
import io.millio.internal.Addresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The names of a simulated network: of its hosts, {@code localhost}, and addresses. */
record SimNames(SimWorld world) implements Resolver {
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
            if (Addresses.isLiteral(name)) {
                return InetAddress.getByName(name);
            }
            throw new UnknownHostException(
                    name + ": is not a host of the simulated network, which has " + world.hosts.keySet());
        }
    }
}
