package io.millio.net.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.account.MemoryAccount;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import io.millio.transport.Datagrams;
import io.millio.transport.SocketSettings;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many calls datagrams take: each call of {@link Datagrams} is one to the system, where that has such. */
@SuppressWarnings("NullAway.Init")
class DatagramBatchingTest {
    private static final int CAPACITY = 16;

    private final List<String> calls = new ArrayList<>();
    private final DatagramBuffers buffers = new DatagramBuffers();
    private final SimNetwork network = SimNetwork.seeded(1);
    private final SimHost host = network.host("a");
    private UdpSocket socket;
    private UdpSocket peer;

    @BeforeEach
    void open() throws IOException {
        UdpSocket own = host.openUdp(host.address(1), SocketSettings.NONE);
        peer = host.openUdp(host.address(2), SocketSettings.NONE);
        socket = noted(UdpSocket.class, own, name -> !name.equals("toString"));
    }

    @AfterEach
    void close() {
        network.close();
    }

    private interface Names {
        boolean test(String name);
    }

    private <T> T noted(Class<T> type, T delegate, Names names) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    if (names.test(method.getName())) {
                        calls.add(type.getSimpleName() + "." + method.getName());
                    }
                    try {
                        @Nullable Object[] arguments = given == null ? new Object[0] : given.clone();
                        for (int i = 0; i < arguments.length; i++) {
                            if (arguments[i] == socket) {
                                arguments[i] = delegate instanceof UdpSocket ? delegate : arguments[i];
                            }
                        }
                        Object result = method.invoke(delegate, arguments);
                        return result instanceof Datagrams made
                                ? noted(Datagrams.class, made, name -> name.equals("send") || name.equals("receive"))
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private long count(String call) {
        return calls.stream().filter(call::equals).count();
    }

    private DatagramSender sender() {
        return new DatagramSender(socket, buffers, new DatagramQueue(100, 10_000, MemoryAccount.NONE), () -> {});
    }

    private int received() throws IOException {
        network.run();
        int count = 0;
        ByteBuffer buffer = ByteBuffer.allocate(100);
        while (peer.receive(buffer.clear()) != null) {
            assertThat(buffer.get(0)).isEqualTo((byte) count++);
        }
        return count;
    }

    private static ByteBuffer numbered(int i) {
        return ByteBuffer.wrap(new byte[] {(byte) i});
    }

    @Test
    void whatALoopGathersIsSentByACallForSixteen() throws Exception {
        DatagramSender sender = sender();
        for (int i = 0; i < 40; i++) {
            assertThat(sender.send(numbered(i), peer.localAddress(), true)).isEqualTo(DatagramSender.Result.GATHERED);
        }
        sender.sendGathered();
        assertThat(count("Datagrams.send")).isEqualTo(3);
        assertThat(received()).isEqualTo(40);
        assertThat(sender.queuedDatagrams()).isZero();
    }

    @Test
    void whatOtherThreadsQueueIsSentByACallForSixteen() throws Exception {
        DatagramSender sender = sender();
        for (int i = 0; i < 40; i++) {
            assertThat(sender.send(numbered(i), peer.localAddress(), false)).isEqualTo(DatagramSender.Result.QUEUED);
        }
        sender.sendAll();
        assertThat(count("Datagrams.send")).isEqualTo(3);
        assertThat(received()).isEqualTo(40);
        assertThat(sender.queuedDatagrams()).isZero();
    }

    @Test
    void whatWaitsIsReceivedByACallForSixteen() throws Exception {
        for (int i = 0; i < 40; i++) {
            assertThat(peer.send(numbered(i), socket.localAddress())).isTrue();
        }
        network.run();
        calls.clear();
        List<Byte> got = new ArrayList<>();
        DatagramReceiver receiver =
                new DatagramReceiver(socket, buffers, MemoryAccount.NONE, new DatagramReceiver.Target() {
                    @Override
                    public boolean isReceiving() {
                        return true;
                    }

                    @Override
                    public boolean isPaused() {
                        return false;
                    }

                    @Override
                    public void received(ByteBuffer bytes, SocketAddress from) {
                        assertThat(from).isEqualTo(peer.localAddress());
                        got.add(bytes.get());
                    }

                    @Override
                    public void failed(@Nullable SocketAddress from, Throwable why, boolean endless) {
                        throw new AssertionError(why);
                    }
                });
        receiver.receive();
        assertThat(got).hasSize(40);
        assertThat(count("Datagrams.receive")).isEqualTo(3);
        assertThat(CAPACITY).isEqualTo(buffers.receiving(socket).capacity());
    }
}
