package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.Resolver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Attempts to connect that are cancelled at an awkward moment. */
class ConnectCancelTest extends NetCase {
    @Test
    void aCancelWhileTheNameIsHandedToTheResolverLeavesNothing() throws IOException {
        serve(new Recorder());
        InetSocketAddress to = (InetSocketAddress) address();
        List<CompletableFuture<Connection>> pending = new ArrayList<>();
        Resolver cancelling = host -> {
            pending.forEach(each -> each.cancel(false));
            return CompletableFuture.completedFuture(List.of(to.getAddress()));
        };
        TcpClientBuilder builder =
                TcpClient.builder().loop(venue.clientLoop()).options(options).resolver(cancelling);
        Recorder here = tracked(new Recorder());
        try (TcpClient client = (clientTls == null ? builder : builder.tls(clientTls)).build()) {
            pending.add(client.connect("localhost", to.getPort(), here));
            venue.settle();
            assertThat(pending.get(0)).isCancelled();
            venue.until("nothing is left", () -> venue.clientLoop().registrations() == 0);
        }
    }
}
