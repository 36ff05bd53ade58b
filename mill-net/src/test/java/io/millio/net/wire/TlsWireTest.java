package io.millio.net.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.NetCase;
import io.millio.net.account.MemoryAccount;
import io.millio.net.tls.Certificates;
import io.millio.pool.BufferPool;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ends in memory, step by step: how many calls of the system there would be, and what an odd engine may do. */
class TlsWireTest {
    private final BufferPool pool = BufferPool.builder().build();
    private final TlsBuffers buffers = new TlsBuffers();
    private final MemoryStream serverStream = new MemoryStream();
    private final MemoryStream clientStream = new MemoryStream();

    @AfterEach
    void nothingIsLeased() {
        assertThat(pool.stats().leasedBytes()).isZero();
    }

    /** What one side has written and the other not read. */
    private static final class MemoryStream implements TcpStream {
        private final ByteBuffer in = ByteBuffer.allocate(1 << 20).limit(0);
        MemoryStream other = this;
        int writes;

        @Override
        public int read(ByteBuffer to) {
            int count = Math.min(in.remaining(), to.remaining());
            to.put(to.position(), in, in.position(), count).position(to.position() + count);
            in.position(in.position() + count);
            return count;
        }

        @Override
        public int write(ByteBuffer from) {
            if (!from.hasRemaining()) {
                return 0;
            }
            int count = from.remaining();
            other.in.compact().put(from).flip();
            writes++;
            return count;
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean finishConnect() {
            return true;
        }

        @Override
        public void shutdownOutput() {}

        @Override
        public SocketAddress localAddress() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SocketAddress remoteAddress() {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> TcpStream setOption(SocketOption<T> option, T value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> T getOption(SocketOption<T> option) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}

        @Override
        public int condition() {
            return 0;
        }
    }

    private TlsWire wire(SSLEngine engine) throws IOException {
        serverStream.other = clientStream;
        clientStream.other = serverStream;
        engine.beginHandshake();
        return new TlsWire(engine, buffers, pool, MemoryAccount.NONE);
    }

    /** As far as it goes; true if it is done. */
    private static boolean goOn(TlsWire wire, MemoryStream stream) throws IOException {
        TlsWire.Step step;
        while ((step = wire.handshake(stream)) == TlsWire.Step.TASK) {
            wire.runTasks();
        }
        return step == TlsWire.Step.DONE;
    }

    /** A flight is one call, and so are the last one and the data behind it; a ticket goes with the answer. */
    @ParameterizedTest
    @CsvSource({"TLSv1.3, 2, 2", "TLSv1.2, 3, 3"})
    void eachFlightIsOneWriteAndTheLastOneTakesDataAlong(String protocol, int ofServer, int ofClient) throws Exception {
        TlsWire server = wire(Certificates.server().build().newServerEngine());
        TlsWire client = wire(Certificates.client().protocols(protocol).build().newClientEngine("localhost", 1));
        boolean clientDone = false;
        boolean serverDone = false;
        boolean clientHasSpoken = false;
        while (!clientDone || !serverDone) {
            clientDone = clientDone || goOn(client, clientStream);
            if (clientDone && !clientHasSpoken) {
                clientHasSpoken = true;
                client.write(clientStream, ByteBuffer.wrap(new byte[] {1}));
            }
            serverDone = serverDone || goOn(server, serverStream);
            if (serverDone && protocol.equals("TLSv1.2")) {
                server.flush(serverStream); // what the client waits for
            }
        }
        ByteBuffer got = ByteBuffer.allocate(100);
        assertThat(server.read(serverStream, got)).isEqualTo(1);
        server.write(serverStream, got.flip());
        assertThat(client.read(clientStream, ByteBuffer.allocate(100))).isEqualTo(1);

        assertThat(serverStream.writes).isEqualTo(ofServer);
        assertThat(clientStream.writes).isEqualTo(ofClient);
        server.release();
        client.release();
    }

    /** Of more than a little, what waits is written first, and what does not fit stays. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5_000, 100_000})
    void whatWaitsComesBeforeWhatIsWritten(int bytes) throws Exception {
        TlsWire server = wire(Certificates.server().build().newServerEngine());
        TlsWire client = wire(Certificates.client().build().newClientEngine("localhost", 1));
        boolean clientDone = false;
        boolean serverDone = false;
        while (!clientDone || !serverDone) {
            clientDone = clientDone || goOn(client, clientStream) && client.flush(clientStream);
            serverDone = serverDone || goOn(server, serverStream);
        }
        assertThat(server.holdsOutput()).isTrue(); // its ticket
        byte[] sent = NetCase.pattern(bytes);
        ByteBuffer from = ByteBuffer.wrap(sent);
        while (from.hasRemaining()) {
            server.write(serverStream, from);
        }
        ByteBuffer got = ByteBuffer.allocate(bytes);
        while (got.hasRemaining()) {
            client.read(clientStream, got);
        }

        NetCase.assertBytes(got.array(), sent);
        assertThat(server.holdsOutput()).isFalse();
        server.release();
        client.release();
    }

    /** The end is seen by a reader who has room for one byte, though a record might be larger than that. */
    @Test
    void theEndIsNoDataThatNeedsRoom() throws Exception {
        TlsWire server = wire(Certificates.server().build().newServerEngine());
        TlsWire client = wire(Certificates.client().build().newClientEngine("localhost", 1));
        while (!goOn(client, clientStream)) {
            goOn(server, serverStream);
        }
        client.flush(clientStream);
        while (!goOn(server, serverStream)) {}
        client.shutdownOutput(clientStream);

        assertThat(server.read(serverStream, ByteBuffer.allocate(1))).isEqualTo(-1);
        server.release();
        client.release();
    }

    /** Takes records of 22 bytes that have nothing in them, which no engine of the platform sends. */
    private static final class EmptyRecords extends SSLEngine {
        @Override
        public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] to, int offset, int length) {
            if (from.remaining() < 22) {
                return new SSLEngineResult(Status.BUFFER_UNDERFLOW, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
            }
            from.position(from.position() + 22);
            return new SSLEngineResult(Status.OK, HandshakeStatus.NOT_HANDSHAKING, 22, 0);
        }

        @Override
        public SSLEngineResult wrap(ByteBuffer[] from, int offset, int length, ByteBuffer to) {
            return new SSLEngineResult(Status.CLOSED, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
        }

        @Override
        public HandshakeStatus getHandshakeStatus() {
            return HandshakeStatus.NOT_HANDSHAKING;
        }

        @Override
        public void closeOutbound() {}

        @Override
        public void closeInbound() {}

        @Override
        public boolean isInboundDone() {
            return false;
        }

        @Override
        public boolean isOutboundDone() {
            return false;
        }

        @Override
        public void beginHandshake() {}

        @Override
        public Runnable getDelegatedTask() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SSLSession getSession() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String[] getEnabledCipherSuites() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setEnabledCipherSuites(String[] suites) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String[] getSupportedProtocols() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String[] getEnabledProtocols() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setEnabledProtocols(String[] protocols) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setUseClientMode(boolean mode) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean getUseClientMode() {
            return false;
        }

        @Override
        public void setNeedClientAuth(boolean need) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean getNeedClientAuth() {
            return false;
        }

        @Override
        public void setWantClientAuth(boolean want) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean getWantClientAuth() {
            return false;
        }

        @Override
        public void setEnableSessionCreation(boolean flag) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean getEnableSessionCreation() {
            return false;
        }
    }

    @Test
    void aReadTakesSomeEmptyRecordsAndThenOthersHaveTheirTurn() throws Exception {
        TlsWire wire = wire(new EmptyRecords());
        ByteBuffer room = ByteBuffer.allocate(1_000);
        clientStream.write(ByteBuffer.allocate(22 * 200));

        for (int i = 0; i < 3; i++) {
            assertThat(wire.read(serverStream, room)).isZero();
            assertThat(wire.holdsInput()).isTrue(); // 200 are more than 3 times 64
        }
        assertThat(wire.read(serverStream, room)).isZero();
        assertThat(wire.holdsInput()).isFalse();
        wire.release();
    }

    @Test
    void endlessEmptyRecordsEndTheConnection() throws Exception {
        TlsWire wire = wire(new EmptyRecords());
        ByteBuffer room = ByteBuffer.allocate(1_000);
        ByteBuffer some = ByteBuffer.allocate(22 * 50);
        int free = TlsWire.MAX_IDLE_BYTES / (22 * 50);
        for (int i = 0; i < free; i++) {
            clientStream.write(some.clear());
            assertThat(wire.read(serverStream, room)).isZero();
        }
        clientStream.write(some.clear());

        assertThatThrownBy(() -> wire.read(serverStream, room))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.reason()).isEqualTo(WireException.Reason.TLS_FAILED));
        wire.release();
    }
}
