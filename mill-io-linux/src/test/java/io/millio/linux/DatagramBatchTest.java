package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.transport.SocketSettings;
import io.millio.transport.Transport;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ConcurrentModificationException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
class DatagramBatchTest {
    private static UdpSocket udp() throws IOException {
        return LoopbackPair.epoll().openUdp(LoopbackPair.ANY, SocketSettings.NONE);
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void manyAreReceivedAndSentBackByOneCallEach() throws IOException {
        DatagramBatch batch = new DatagramBatch(8, 16);
        try (UdpSocket server = udp();
                UdpSocket one = udp();
                UdpSocket other = udp()) {
            assertThat(batch.receive(server)).isZero();
            for (int i = 0; i < 6; i++) {
                (i % 2 == 0 ? one : other).send(text("no. " + i), server.localAddress());
            }
            int count = 0;
            while (count == 0) {
                count = batch.receive(server);
            }
            assertThat(count).isEqualTo(6);
            for (int i = 0; i < 6; i++) {
                assertThat(batch.buffer(i)).isEqualTo(text("no. " + i));
                assertThat(batch.address(i)).isEqualTo((i % 2 == 0 ? one : other).localAddress());
                assertThat(batch.isCutOff(i)).isFalse();
            }
            assertThat(batch.send(server, count)).isEqualTo(6);
            DatagramBatch answers = new DatagramBatch(8, 3);
            int got = 0;
            while (got == 0) {
                got = answers.receive(other);
            }
            assertThat(got).isEqualTo(3);
            assertThat(answers.isCutOff(0)).isTrue();
            assertThat(answers.buffer(0)).isEqualTo(text("no."));
            assertThat(answers.address(0)).isEqualTo(server.localAddress());
        }
    }

    @Test
    void aBatchThatHasSentHasAllItsRoomForTheNext() throws IOException {
        DatagramBatch batch = new DatagramBatch(1, 16);
        try (UdpSocket server = udp();
                UdpSocket client = udp()) {
            for (String text : new String[] {"short", "all of its room "}) {
                client.send(text(text), server.localAddress());
                while (batch.receive(server) == 0) {
                    Thread.onSpinWait();
                }
                assertThat(batch.buffer(0)).isEqualTo(text(text));
                assertThat(batch.send(server, 1)).isEqualTo(1);
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        assertThatThrownBy(() -> new DatagramBatch(0, 1)).hasMessageContaining("datagrams: 0");
        assertThatThrownBy(() -> new DatagramBatch(1, 70_000)).hasMessageContaining("bytesEach: 70000");
        DatagramBatch batch = new DatagramBatch(2, 10);
        try (UdpSocket socket = udp();
                UdpSocket foreign = Transport.named("nio").openUdp(LoopbackPair.ANY, SocketSettings.NONE)) {
            assertThatThrownBy(() -> batch.send(socket, 3)).hasMessageContaining("count: 3");
            assertThatThrownBy(() -> batch.receive(foreign)).hasMessageContaining("not one of transport epoll");
            assertThatThrownBy(() -> batch.address(0)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> batch.send(socket, 1)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void twoCallsAtATimeAreRefusedAndNothingIsMixed() throws Exception {
        DatagramBatch batch = new DatagramBatch(64, 1000);
        try (UdpSocket server = udp();
                UdpSocket client = udp()) {
            for (int i = 0; i < 64; i++) {
                batch.setAddress(i, client.localAddress(), server);
                batch.buffer(i).clear();
            }
            AtomicInteger refused = new AtomicInteger();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread sender = new Thread(() -> {
                for (int i = 0; i < 20_000; i++) {
                    attempt(() -> batch.send(server, 64), refused, failure);
                }
            });
            sender.start();
            while (sender.isAlive()) {
                attempt(() -> batch.receive(server), refused, failure);
            }
            assertThat(failure.get()).isNull();
            assertThat(refused.get()).isPositive();
            assertThat(batch.send(server, 1)).as("the batch is free again").isBetween(0, 1);
        }
    }

    private static void attempt(Callable<Integer> call, AtomicInteger refused, AtomicReference<Throwable> failure) {
        try {
            call.call();
        } catch (ConcurrentModificationException e) {
            refused.incrementAndGet();
        } catch (Exception e) {
            failure.set(e);
        }
    }
}
