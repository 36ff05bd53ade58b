package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.Resolver;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Connecting to names: to whichever of their addresses answers first. The addresses are made up; where each leads to is
 * the {@link DetourTransport}'s: to a listener, to a port that refuses, or nowhere.
 */
public abstract class ResolverConformance extends Conformance {
    private static final int PORT = 9;

    /** For subclasses. */
    protected ResolverConformance() {}

    private @Nullable DetourTransport detours;

    private DetourTransport detours() {
        DetourTransport known = detours;
        if (known == null) {
            known = new DetourTransport(transport());
            detours = known;
        }
        return known;
    }

    private EventLoop openDetoured(DispatchMode mode) {
        Transport on = detours();
        return open(builder(mode).transport(on));
    }

    /** An address for documentation, which nobody has. */
    private static InetAddress v4(int n) throws IOException {
        return InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) n});
    }

    private static InetAddress v6(int n) throws IOException {
        byte[] address = new byte[16];
        address[0] = 0x20;
        address[1] = 0x01;
        address[2] = 0x0d;
        address[3] = (byte) 0xb8;
        address[15] = (byte) n;
        return InetAddress.getByAddress(address);
    }

    private static Resolver resolver(InetAddress... addresses) {
        return Resolver.of(host -> List.of(addresses), Runnable::run);
    }

    private PeerListener leadsToListener(InetAddress address) throws IOException {
        PeerListener listener = peers().listen();
        detours().lead(address, listener.address());
        return listener;
    }

    private void isRefused(InetAddress address) throws IOException {
        detours().lead(address, peers().refusingAddress());
    }

    private void isSilent(InetAddress address) throws IOException {
        detours().silence(address, peers().listen().address());
    }

    private CompletableFuture<TcpStream> connect(EventLoop loop, Resolver resolver, Duration timeout) {
        CompletableFuture<TcpStream> result = resolver.connect(loop, "host", PORT, timeout);
        CompletableFuture<Void> unused = result.thenAccept(this::track);
        return result;
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

    private static void assertNothingIsLeft(EventLoop loop) {
        drive(
                loop,
                "no attempt is left",
                () -> loop.registrations() == 0 && loop.stats().timers() == 0);
    }

    // ---- winning

    @ParameterizedTest
    @EnumSource
    void theStreamIsConnectedAndTheCallersToRegister(DispatchMode mode) throws IOException {
        EventLoop loop = openDetoured(mode);
        PeerListener listener = leadsToListener(v4(1));
        AtomicReference<@Nullable Boolean> inLoop = new AtomicReference<>();
        Text text = new Text();
        CompletableFuture<Void> registered = connect(loop, resolver(v4(1)), HOUR)
                .thenAccept(stream -> {
                    inLoop.set(loop.inLoop());
                    try {
                        loop.register(stream, Interest.READABLE, new Recorder(event -> text.append(read(stream, 10))));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
        drive(loop, "it is connected", registered::isDone);
        assertThat(registered).isCompleted();
        assertThat(inLoop.get()).isTrue();
        Peer peer = listener.accept();
        assertThat(peer).isNotNull();
        if (peer != null) {
            send(peer, "hello");
        }
        drive(loop, "it is served", () -> text.toString().equals("hello"));
        assertThat(loop.registrations()).isEqualTo(1);
        drive(loop, "no timer is left", () -> loop.stats().timers() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void anAddressThatRefusesIsFollowedByTheNextAtOnce(DispatchMode mode) throws IOException {
        EventLoop loop = openDetoured(mode);
        isRefused(v4(1));
        leadsToListener(v4(2));
        CompletableFuture<TcpStream> result = connect(loop, resolver(v4(1), v4(2)), HOUR);
        drive(loop, "it is connected", result::isDone); // the clock stands still
        assertThat(result).isCompleted();
        assertThat(detours().tried()).containsExactly(v4(1), v4(2));
        assertNothingIsLeft(loop);
    }

    @Test
    void theFamiliesTakeTurnsBeginningWithThatOfTheFirst() throws IOException {
        InetAddress[] addresses = {v6(1), v6(2), v6(3), v4(1), v4(2), v6(4)};
        for (InetAddress address : addresses) {
            isRefused(address);
        }
        EventLoop loop = openDetoured(DispatchMode.DIRECT);
        CompletableFuture<TcpStream> result = connect(loop, resolver(addresses), HOUR);
        drive(loop, "all have failed", result::isDone);
        assertThat(detours().tried()).containsExactly(v6(1), v4(1), v6(2), v4(2), v6(3), v6(4));
    }

    @ParameterizedTest
    @EnumSource
    void anAddressThatIsSilentIsPassedOverAfterAQuarterOfASecond(DispatchMode mode) throws IOException {
        EventLoop loop = openDetoured(mode);
        isSilent(v4(1));
        isSilent(v4(2));
        leadsToListener(v4(3));
        CompletableFuture<TcpStream> result = connect(loop, resolver(v4(1), v4(2), v4(3)), HOUR);
        drive(loop, "the first is tried", () -> detours().tried().size() == 1);
        clock.advance(Duration.ofMillis(249));
        turns(loop, MANY_TURNS);
        assertThat(detours().tried()).containsExactly(v4(1));
        clock.advance(Duration.ofMillis(2));
        drive(loop, "the second is tried", () -> detours().tried().size() == 2);
        turns(loop, MANY_TURNS);
        assertThat(loop.registrations()).as("the first is still waited for").isEqualTo(2);
        clock.advance(Duration.ofMillis(251));
        drive(loop, "it is connected", result::isDone);
        assertThat(result).isCompleted();
        assertThat(detours().tried()).containsExactly(v4(1), v4(2), v4(3));
        assertNothingIsLeft(loop);
        assertThat(detours().silentOnes()).allMatch(each -> !each.isOpen());
    }

    // ---- failing

    @ParameterizedTest
    @EnumSource
    void whenAllRefuseTheLastFailureIsToldWithTheOthers(DispatchMode mode) throws IOException {
        EventLoop loop = openDetoured(mode);
        for (int i = 1; i <= 3; i++) {
            isRefused(v4(i));
        }
        CompletableFuture<TcpStream> result = connect(loop, resolver(v4(1), v4(2), v4(3)), HOUR);
        drive(loop, "it has failed", result::isDone);
        Throwable failure = failureOf(result);
        assertThat(failure).isInstanceOf(ConnectException.class);
        assertThat(failure.getSuppressed()).hasSize(2).allMatch(ConnectException.class::isInstance);
        assertNothingIsLeft(loop);
    }

    @ParameterizedTest
    @EnumSource
    void aTimeOutEndsTheAttempts(DispatchMode mode) throws IOException {
        EventLoop loop = openDetoured(mode);
        isRefused(v4(1));
        isSilent(v4(2));
        CompletableFuture<TcpStream> result = connect(loop, resolver(v4(1), v4(2)), Duration.ofSeconds(3));
        drive(loop, "the second is tried", () -> detours().tried().size() == 2);
        clock.advance(Duration.ofMillis(2999));
        turns(loop, MANY_TURNS);
        assertThat(result).isNotDone();
        clock.advance(Duration.ofMillis(2));
        drive(loop, "it has failed", result::isDone);
        assertThat(failureOf(result))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("host:9")
                .satisfies(told -> assertThat(told.getSuppressed()).hasSize(1));
        assertNothingIsLeft(loop);
        assertThat(detours().silentOnes()).allMatch(each -> !each.isOpen());
    }

    @Test
    void aLookUpCountsForTheTimeOutAndWhatItFindsThenIsNotTried() throws IOException {
        ConcurrentLinkedQueue<Runnable> lookUps = new ConcurrentLinkedQueue<>();
        InetAddress address = v4(1);
        EventLoop loop = openDetoured(DispatchMode.DIRECT);
        CompletableFuture<TcpStream> result =
                connect(loop, Resolver.of(host -> List.of(address), lookUps::add), Duration.ofSeconds(1));
        turns(loop, 3);
        clock.advance(Duration.ofMillis(1001));
        drive(loop, "it has failed", result::isDone);
        assertThat(failureOf(result)).isInstanceOf(SocketTimeoutException.class);
        lookUps.forEach(Runnable::run);
        turns(loop, MANY_TURNS);
        assertThat(detours().tried()).isEmpty();
        assertNothingIsLeft(loop);
    }

    @Test
    void anUnknownHostIsToldAsSuch() throws IOException {
        EventLoop loop = openDetoured(DispatchMode.DIRECT);
        UnknownHostException unknown = new UnknownHostException("host");
        Resolver failing = Resolver.of(
                host -> {
                    throw unknown;
                },
                Runnable::run);
        CompletableFuture<TcpStream> result = connect(loop, failing, HOUR);
        drive(loop, "it has failed", result::isDone);
        assertThat(failureOf(result)).isSameAs(unknown);
        CompletableFuture<TcpStream> nowhere = connect(loop, resolver(), HOUR);
        drive(loop, "it has failed", nowhere::isDone);
        assertThat(failureOf(nowhere)).isInstanceOf(UnknownHostException.class).hasMessageContaining("host");
        assertNothingIsLeft(loop);
    }

    // ---- ending early

    @ParameterizedTest
    @EnumSource
    void cancellingEndsTheAttempts(DispatchMode mode) throws IOException {
        EventLoop loop = openDetoured(mode);
        isSilent(v4(1));
        isSilent(v4(2));
        CompletableFuture<TcpStream> result = connect(loop, resolver(v4(1), v4(2)), HOUR);
        drive(loop, "the first is tried", () -> detours().tried().size() == 1);
        assertThat(result.cancel(false)).isTrue();
        assertNothingIsLeft(loop);
        clock.advance(Duration.ofSeconds(1));
        turns(loop, MANY_TURNS);
        assertThat(detours().tried()).containsExactly(v4(1));
        assertThat(detours().silentOnes()).allMatch(each -> !each.isOpen());
        assertThat(failureOf(result)).isInstanceOf(CancellationException.class);
    }

    @Test
    void aConnectionThatComesTooLateIsClosed() throws IOException {
        ConcurrentLinkedQueue<Runnable> handed = new ConcurrentLinkedQueue<>();
        EventLoop loop = open(builder(DispatchMode.DIRECT).executor(handed::add).transport(detours()));
        PeerListener listener = leadsToListener(v4(1));
        CompletableFuture<TcpStream> result = connect(loop, resolver(v4(1)), HOUR);
        drive(loop, "the connection is there", () -> !handed.isEmpty());
        Runnable run = handed.remove();
        elsewhere(run::run); // it wins, and the loop does not know yet
        assertThat(result.cancel(false)).isTrue();
        assertNothingIsLeft(loop);
        assertClosedAtTheOtherEnd(listener);
    }

    @Test
    void aConnectionThatComesWhenTheLoopClosesIsClosed() throws IOException {
        ConcurrentLinkedQueue<Runnable> handed = new ConcurrentLinkedQueue<>();
        EventLoop loop = open(builder(DispatchMode.DIRECT).executor(handed::add).transport(detours()));
        PeerListener listener = leadsToListener(v4(1));
        CompletableFuture<TcpStream> result = connect(loop, resolver(v4(1)), HOUR);
        drive(loop, "the connection is there", () -> !handed.isEmpty());
        // It has been taken out of the loop, and not yet been handed to anybody.
        detours().afterNextRemove(() -> elsewhere(loop::close));
        Runnable run = handed.remove();
        elsewhere(run::run);
        assertThat(result).isCompletedExceptionally();
        assertClosedAtTheOtherEnd(listener);
    }

    private static void assertClosedAtTheOtherEnd(PeerListener listener) throws IOException {
        Peer peer = listener.accept();
        assertThat(peer).isNotNull();
        if (peer != null) {
            ByteBuffer room = ByteBuffer.allocate(1);
            Await.until("the other end sees the end", () -> {
                try {
                    return peer.read(room) < 0;
                } catch (IOException e) {
                    return true; // a reset is an end too
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfTheLoopEndsTheAttemptsToo(DispatchMode mode) throws IOException {
        EventLoop loop = openDetoured(mode);
        isSilent(v4(1));
        isSilent(v4(2));
        CompletableFuture<TcpStream> result = connect(loop, resolver(v4(1), v4(2)), HOUR);
        drive(loop, "the first is tried", () -> detours().tried().size() == 1);
        loop.close();
        Await.until("it has failed", result::isDone);
        assertThat(result).isCompletedExceptionally();
        assertThat(detours().silentOnes()).allMatch(each -> !each.isOpen());
    }

    // ---- the resolver itself

    @Test
    void aClosedResolverTakesNoNames() throws IOException {
        EventLoop loop = openDetoured(DispatchMode.DIRECT);
        for (Resolver resolver : List.of(resolver(v4(1)), Resolver.create())) {
            resolver.close();
            resolver.close();
            assertThatThrownBy(() -> resolver.resolve("host")).isInstanceOf(RejectedExecutionException.class);
            assertThatThrownBy(() -> resolver.connect(loop, "host", PORT, HOUR))
                    .isInstanceOf(RejectedExecutionException.class);
        }
        assertNothingIsLeft(loop);
    }

    @Test
    void aLiteralAddressIsItself() {
        try (Resolver resolver = Resolver.create()) {
            CompletableFuture<List<InetAddress>> found = resolver.resolve("127.0.0.1");
            Await.until("it is found", found::isDone);
            assertThat(found.join()).extracting(InetAddress::getHostAddress).containsExactly("127.0.0.1");
        }
    }

    @Test
    void argumentsAreRefusedByName() {
        EventLoop loop = openDetoured(DispatchMode.DIRECT);
        AtomicInteger lookUps = new AtomicInteger();
        Resolver resolver = Resolver.of(
                host -> {
                    lookUps.incrementAndGet();
                    return List.of(InetAddress.getLoopbackAddress());
                },
                Runnable::run);
        for (int port : new int[] {-1, 65_536}) {
            assertThatThrownBy(() -> resolver.connect(loop, "host", port, HOUR))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("port: " + port);
        }
        assertThatThrownBy(() -> resolver.connect(loop, "host", PORT, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeout");
        assertThat(lookUps).hasValue(0);
    }
}
