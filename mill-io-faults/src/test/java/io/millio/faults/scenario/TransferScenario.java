package io.millio.faults.scenario;

import io.millio.EventLoopBuilder;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.testkit.SimHost;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A server that sends parts of a file, more than one slice; one client leaves before it has come. */
class TransferScenario extends NetScenario {
    /** Where the part begins. */
    static final int SKIPPED = 5;

    /** More than one slice of a file that is copied. */
    private static final int FILE_BYTES = 270_000;

    private static final byte[] CONTENT = Peer.bytes(FILE_BYTES);

    final Path file = writeFile();
    private final boolean sending;
    private int transfers;
    private int without; // connections that went on without a file
    private long openBefore; // by an earlier run that failed

    TransferScenario(boolean sending) {
        this.sending = sending;
    }

    /** The file is read and written. */
    static final class Copied extends TransferScenario {
        Copied() {
            super(false);
        }
    }

    /** The transport sends the file. */
    static final class Sent extends TransferScenario {
        Sent() {
            super(true);
        }
    }

    private static Path writeFile() {
        try {
            Path file = Files.createTempFile("transfer", ".bin");
            file.toFile().deleteOnExit();
            return Files.write(file, CONTENT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        builder.direct().computePool(computePool());
        return sending ? builder.transport(new SendingTransport(server)) : builder;
    }

    @Override
    int maxConnections() {
        return 3;
    }

    @Override
    ConnectionHandler newHandler() {
        return new FileSendHandler(this);
    }

    @Override
    Peer newPeer(SimHost clients, int number) throws IOException {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int i = 0; i < number; i += 2) { // one or two lines
            expected.write('<');
            expected.write(CONTENT, SKIPPED, FILE_BYTES - SKIPPED);
            expected.write('>');
        }
        byte[] message = number == 3 ? new byte[] {'\n', '\n'} : new byte[] {'\n'};
        return new Peer(network, clients, server.address(7), message, expected.toByteArray());
    }

    @Override
    void disturb(SimHost clients) throws IOException {
        Peer leaver = newPeer(clients, 1);
        network.after(Duration.ofMillis(4), leaver::close);
    }

    ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** If it fails before anything was sent, the connection goes on without the file: so the program ends it. */
    void transferred(Connection connection, CompletableFuture<Long> result) {
        completes("transfer " + ++transfers, result);
        CompletableFuture<?> unused = result.whenComplete((bytes, failure) -> {
            if (failure != null && connection.isOpen()) {
                caught.add(failure);
                without++;
                connection.abort();
            }
        });
    }

    @Override
    int inexact(Peer first, Peer second) {
        return Math.max(0, super.inexact(first, second) - without);
    }

    @Override
    void act() throws Throwable {
        transfers = 0;
        without = 0;
        openBefore = openDescriptors();
        super.act();
    }

    @Override
    void checkRest() throws Exception {
        super.checkRest();
        expect(openDescriptors() <= openBefore, "the file was not closed");
    }

    /** How often the file is open, where the system can say it. */
    private long openDescriptors() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(descriptors)) {
            return all.filter(this::isOfFile).count();
        }
    }

    private boolean isOfFile(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).equals(file);
        } catch (IOException e) {
            return false; // the one that listed them
        }
    }
}
