package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.Resolver;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import io.millio.transport.TransportStatus;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Connecting to names: to whichever of their addresses answers first. The addresses are made up; where each leads to is
 * the {@link DetourTransport}'s: to a listener, to a port that refuses, or nowhere.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
@SuppressWarnings("NullAway.Init")
class ConnectRaceTest {
    private static final int PORT = 9;
    private static final Duration HOUR = Duration.ofHours(1);

    /** Turns after which what has not happened is taken not to happen. */
    private static final int MANY_TURNS = 40;

    @Parameter
    String transport;

    private DetourTransport detours;
    private Venue venue;
    private EventLoop loop;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<ConnectRace> races = new ArrayList<>();

    static Stream<String> transports() {
        return Transport.available().stream().filter(TransportStatus::usable).map(TransportStatus::name);
    }

    @BeforeEach
    void open() {
        detours = new DetourTransport(Transport.named(transport));
        venue = new Venue.Sockets(detours);
        loop = venue.clientLoop();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        venue.close(); // which checks that no registration and no timer is left
        assertThat(venue.errors).isEmpty();
    }

    /** An address for documentation, which no host has. */
    private static InetAddress v4(int n) throws IOException {
        return InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) n});
    }

    private static InetAddress v6(int n) throws IOException {
        return InetAddress.getByAddress(
                new byte[] {0x20, 0x01, 0x0d, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) n});
    }

    private static Resolver resolver(InetAddress... addresses) {
        return host -> CompletableFuture.completedFuture(List.of(addresses));
    }

    private ServerSocket listen() throws IOException {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        opened.add(socket);
        return socket;
    }

    private ServerSocket leadsToListener(InetAddress address) throws IOException {
        ServerSocket listener = listen();
        detours.lead(address, listener.getLocalSocketAddress());
        return listener;
    }

    private void isRefused(InetAddress address) throws IOException {
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            detours.lead(address, closed.getLocalSocketAddress());
        }
    }

    private void isSilent(InetAddress address) throws IOException {
        detours.silence(address, listen().getLocalSocketAddress());
    }

    /** Starts a race in the turn; the future completes with what that race comes to. */
    private CompletableFuture<TcpStream> connect(Resolver resolver, Duration timeout) {
        List<CompletableFuture<TcpStream>> started = new ArrayList<>();
        loop.execute(() -> {
            ConnectRace race = start(resolver, timeout);
            CompletableFuture<Void> unused = race.result.thenAccept(opened::add);
            races.add(race);
            started.add(race.result);
        });
        venue.until("it has started", () -> !started.isEmpty());
        return started.get(0);
    }

    private ConnectRace start(Resolver resolver, Duration timeout) {
        PendingConnect.Sockets sockets = new PendingConnect.Sockets(null, SocketSettings.NONE);
        return ConnectRace.start(
                loop, this, resolver, InetSocketAddress.createUnresolved("host", PORT), sockets, timeout);
    }

    private static Throwable failureOf(CompletableFuture<?> result) {
        try {
            result.join();
        } catch (CompletionException e) {
            return e.getCause() == null ? e : e.getCause();
        } catch (CancellationException e) {
            return e;
        }
        throw new AssertionError("it has not failed");
    }

    private void turns() {
        for (int i = 0; i < MANY_TURNS; i++) {
            loop.runOnce();
        }
    }

    private void assertNothingIsLeft() {
        venue.until(
                "no attempt is left",
                () -> loop.registrations() == 0 && loop.stats().timers() == 0);
    }

    private void assertSilentOnesAreClosed() {
        assertThat(detours.silentOnes()).isNotEmpty().noneMatch(TcpStream::isOpen);
    }

    private void untilTried(int count) {
        venue.until("tried " + count, () -> detours.tried().size() == count);
    }

    // ---- winning

    @Test
    void theStreamIsConnectedAndRegisteredNowhere() throws Exception {
        ServerSocket listener = leadsToListener(v4(1));
        CompletableFuture<TcpStream> result = connect(resolver(v4(1)), HOUR);
        venue.until("it is connected", result::isDone);
        try (Socket peer = listener.accept()) {
            assertThat(result.join().remoteAddress()).isEqualTo(peer.getLocalSocketAddress());
        }
        assertNothingIsLeft();
        assertThat(result.join().isOpen()).isTrue();
    }

    @Test
    void handlersOnWorkersLeaveTheRaceInTheTurn() throws Exception {
        venue.close();
        venue = new Venue.Sockets(detours);
        venue.loops(EventLoop.builder().workers(2));
        loop = venue.clientLoop();
        isRefused(v4(1));
        leadsToListener(v4(2));
        CompletableFuture<TcpStream> result = connect(resolver(v4(1), v4(2)), HOUR);
        venue.until("it is connected", result::isDone);
        assertThat(result).isCompleted();
        assertNothingIsLeft();
    }

    @Test
    void anAddressThatRefusesIsFollowedByTheNextAtOnce() throws IOException {
        isRefused(v4(1));
        leadsToListener(v4(2));
        CompletableFuture<TcpStream> result = connect(resolver(v4(1), v4(2)), HOUR);
        venue.until("it is connected", result::isDone); // the clock stands still
        assertThat(result).isCompleted();
        assertThat(detours.tried()).containsExactly(v4(1), v4(2));
        assertNothingIsLeft();
    }

    @Test
    void anAddressThatCannotBeOpenedIsFollowedByTheNextAtOnce() throws IOException {
        leadsToListener(v4(2));
        CompletableFuture<TcpStream> result = connect(resolver(v4(1), v4(2)), HOUR);
        venue.until("it is connected", result::isDone);
        assertThat(result).isCompleted();
        assertThat(detours.tried()).containsExactly(v4(1), v4(2));
        assertNothingIsLeft();
    }

    @Test
    void theFamiliesTakeTurnsBeginningWithThatOfTheFirst() throws IOException {
        InetAddress[] addresses = {v6(1), v6(2), v6(3), v4(1), v4(2), v6(4)};
        for (InetAddress address : addresses) {
            isRefused(address);
        }
        CompletableFuture<TcpStream> result = connect(resolver(addresses), HOUR);
        venue.until("all have failed", result::isDone);
        assertThat(detours.tried()).containsExactly(v6(1), v4(1), v6(2), v4(2), v6(3), v6(4));
    }

    @Test
    void anAddressThatIsSilentIsPassedOverAfterAQuarterOfASecond() throws IOException {
        isSilent(v4(1));
        isSilent(v4(2));
        leadsToListener(v4(3));
        CompletableFuture<TcpStream> result = connect(resolver(v4(1), v4(2), v4(3)), HOUR);
        untilTried(1);
        venue.advance(Duration.ofMillis(249));
        turns();
        assertThat(detours.tried()).containsExactly(v4(1));
        venue.advance(Duration.ofMillis(2));
        untilTried(2);
        turns();
        assertThat(loop.registrations()).as("the first is still waited for").isEqualTo(2);
        venue.advance(Duration.ofMillis(251));
        venue.until("it is connected", result::isDone);
        assertThat(result).isCompleted();
        assertThat(detours.tried()).containsExactly(v4(1), v4(2), v4(3));
        assertNothingIsLeft();
        assertSilentOnesAreClosed();
    }

    // ---- failing

    @Test
    void whenAllRefuseTheLastFailureIsReportedWithTheOthers() throws IOException {
        for (int i = 1; i <= 3; i++) {
            isRefused(v4(i));
        }
        CompletableFuture<TcpStream> result = connect(resolver(v4(1), v4(2), v4(3)), HOUR);
        venue.until("it has failed", result::isDone);
        Throwable failure = failureOf(result);
        assertThat(failure).isInstanceOf(ConnectException.class);
        assertThat(failure.getSuppressed()).hasSize(2).allMatch(ConnectException.class::isInstance);
        assertNothingIsLeft();
    }

    @Test
    void aTimeOutEndsTheAttempts() throws IOException {
        isRefused(v4(1));
        isSilent(v4(2));
        CompletableFuture<TcpStream> result = connect(resolver(v4(1), v4(2)), Duration.ofSeconds(3));
        untilTried(2);
        venue.advance(Duration.ofMillis(2999));
        turns();
        assertThat(result).isNotDone();
        venue.advance(Duration.ofMillis(2));
        venue.until("it has failed", result::isDone);
        assertThat(failureOf(result))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("host:9")
                .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));
        assertNothingIsLeft();
        assertSilentOnesAreClosed();
    }

    @Test
    void aLookUpCountsForTheTimeOutAndWhatItFindsThenIsNotTried() throws IOException {
        CompletableFuture<List<InetAddress>> lookUp = new CompletableFuture<>();
        CompletableFuture<TcpStream> result = connect(host -> lookUp, Duration.ofSeconds(1));
        venue.advance(Duration.ofMillis(1001));
        venue.until("it has failed", result::isDone);
        assertThat(failureOf(result)).isInstanceOf(SocketTimeoutException.class);
        lookUp.complete(List.of(v4(1)));
        turns();
        assertThat(detours.tried()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void aFailedLookUpIsReportedAsItIs() {
        UnknownHostException unknown = new UnknownHostException("host");
        CompletableFuture<TcpStream> result = connect(host -> CompletableFuture.failedFuture(unknown), HOUR);
        assertThat(failureOf(result)).isSameAs(unknown);
        CompletableFuture<TcpStream> nowhere = connect(resolver(), HOUR);
        assertThat(failureOf(nowhere)).hasMessageContaining("no addresses for host:9");
        assertNothingIsLeft();
    }

    @Test
    void aClosedResolverIsRefusedAtTheCall() {
        NameResolver closed = NameResolver.create();
        closed.close();
        List<Throwable> failures = new ArrayList<>();
        loop.execute(() -> assertThatThrownBy(() -> start(closed, HOUR)).satisfies(failures::add));
        venue.until("it is refused", () -> !failures.isEmpty());
        assertNothingIsLeft();
    }

    // ---- ending early

    private void cancel() {
        races.forEach(race -> race.fail(new CancellationException()));
    }

    @Test
    void cancellingEndsTheAttempts() throws IOException {
        isSilent(v4(1));
        isSilent(v4(2));
        CompletableFuture<TcpStream> result = connect(resolver(v4(1), v4(2)), HOUR);
        untilTried(1);
        loop.execute(this::cancel);
        venue.until("it has ended", result::isDone);
        assertNothingIsLeft();
        venue.advance(Duration.ofSeconds(1));
        turns();
        assertThat(detours.tried()).containsExactly(v4(1));
        assertSilentOnesAreClosed();
        assertThat(failureOf(result)).isInstanceOf(CancellationException.class);
    }

    @Test
    void aConnectionThatComesAfterItWasCancelledIsClosed() throws Exception {
        ServerSocket listener = leadsToListener(v4(1));
        detours.afterNextRemove(this::cancel); // the stream has left the loop and has not been handed over yet
        CompletableFuture<TcpStream> result = connect(resolver(v4(1)), HOUR);
        venue.until("it has ended", result::isDone);
        assertThat(result).isCancelled();
        assertNothingIsLeft();
        try (Socket peer = listener.accept()) {
            peer.setSoTimeout(20_000);
            assertThat(peer.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void theEndOfTheLoopEndsTheAttempts() throws IOException {
        isSilent(v4(1));
        isSilent(v4(2));
        CompletableFuture<TcpStream> result = connect(resolver(v4(1), v4(2)), HOUR);
        untilTried(1);
        loop.close();
        assertThat(result).isCompletedExceptionally();
        assertSilentOnesAreClosed();
    }

    @Test
    void theEndOfTheLoopEndsAWaitForTheLookUp() {
        CompletableFuture<TcpStream> result = connect(host -> new CompletableFuture<>(), HOUR);
        turns();
        loop.close();
        assertThat(result).isCompletedExceptionally();
    }
}
