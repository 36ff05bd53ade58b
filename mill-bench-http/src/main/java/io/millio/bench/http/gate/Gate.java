package io.millio.bench.http.gate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks a server: it must answer valid requests, sent whole, byte by byte and in two parts that are divided at each
 * position, and refuse requests that are ambiguous or malformed. Blocking; one thread.
 */
public final class Gate {
    private static final int MAX_CONNECTIONS = 32; // within the usual backlog

    private final int port;
    private final int timeoutMillis;
    private final Pause pause;
    private final List<Failure> failures = new ArrayList<>();

    /** Waits until what was sent has probably been read, so that what is sent next arrives by itself. */
    @FunctionalInterface
    public interface Pause {
        /**
         * Waits.
         *
         * @param connections on how many connections something was sent
         */
        void await(int connections) throws InterruptedException;
    }

    /**
     * A check that failed.
     *
     * @param check one of {@link #checks()}
     * @param detail how it was sent, and what came back
     */
    public record Failure(String check, String detail) {}

    /**
     * Prepares a gate.
     *
     * @param port of a server on the loopback address
     * @param timeoutMillis how long an answer may take
     */
    public Gate(int port, int timeoutMillis, Pause pause) {
        this.port = port;
        this.timeoutMillis = timeoutMillis;
        this.pause = pause;
    }

    /** Returns the names of all checks, in their order. */
    public static List<String> checks() {
        return Stream.concat(
                        ValidRequest.all().stream().map(ValidRequest::name),
                        BadRequest.all().stream().map(BadRequest::name))
                .toList();
    }

    /**
     * Runs all checks, once.
     *
     * @return those that failed; empty: the server has passed
     * @throws IOException if the server cannot be connected to
     */
    public List<Failure> run() throws IOException, InterruptedException {
        List<ValidRequest> valid = ValidRequest.all();
        for (ValidRequest request : valid) {
            try (Peer peer = new Peer(port, timeoutMillis)) {
                peer.send(request.bytes(), 0, request.bytes().length);
                check(request, "whole", peer);
            }
        }
        sendByteByByte(valid.stream().filter(ValidRequest::divided).toList());
        for (ValidRequest request : valid) {
            if (request.divided()) {
                sendDivided(request);
            }
        }
        for (BadRequest request : BadRequest.all()) {
            String accepted = acceptedHow(request);
            if (accepted != null) {
                failures.add(new Failure(request.name(), accepted));
            }
        }
        return failures();
    }

    List<Failure> failures() {
        return List.copyOf(failures);
    }

    /** All requests at once, each on a connection of its own. */
    void sendByteByByte(List<ValidRequest> requests) throws IOException, InterruptedException {
        try (Peers peers = new Peers(requests.size())) {
            for (int i = 0; peers.sendByte(requests, i); i++) {
                pause.await(requests.size());
            }
            for (int i = 0; i < requests.size(); i++) {
                check(requests.get(i), "byte by byte", peers.get(i));
            }
        }
    }

    /** At each position, each on a connection of its own; a group of them goes at the same time. */
    void sendDivided(ValidRequest request) throws IOException, InterruptedException {
        int length = request.bytes().length;
        for (int from = 1; from < length; from += MAX_CONNECTIONS) {
            int count = Math.min(MAX_CONNECTIONS, length - from);
            try (Peers peers = new Peers(count)) {
                for (int i = 0; i < count; i++) {
                    peers.get(i).send(request.bytes(), 0, from + i);
                }
                pause.await(count);
                for (int i = 0; i < count; i++) {
                    peers.get(i).send(request.bytes(), from + i, length);
                }
                for (int i = 0; i < count; i++) {
                    if (!check(request, "divided after byte " + (from + i), peers.get(i))) {
                        return; // the others would take as long, and fail alike
                    }
                }
            }
        }
    }

    private boolean check(ValidRequest request, String how, Peer peer) {
        try {
            for (byte[] body : request.bodies()) {
                Received received = peer.receive();
                if (received.status() != 200) {
                    return fail(request, how + ": answered " + received.status());
                }
                if (!Arrays.equals(received.body(), body)) {
                    return fail(request, how + ": another body, of " + received.body().length + " bytes");
                }
            }
            if (request.closes() && !peer.isClosed()) {
                return fail(request, how + ": not closed after the answer");
            }
            return true;
        } catch (IOException e) {
            return fail(request, how + ": " + e.getMessage());
        }
    }

    private boolean fail(ValidRequest request, String detail) {
        failures.add(new Failure(request.name(), detail));
        return false;
    }

    /** Returns what came back if that is no refusal, else null. */
    private @Nullable String acceptedHow(BadRequest request) throws IOException {
        try (Peer peer = new Peer(port, timeoutMillis)) {
            peer.send(request.bytes(), 0, request.bytes().length);
            Received received;
            try {
                received = peer.receive();
            } catch (Peer.TimeoutException e) {
                return e.getMessage();
            } catch (IOException e) {
                return null; // closed without an answer
            }
            int status = received.status();
            boolean refused = (status >= 400 && status < 500) || status == 501 || status == 505;
            return refused || (status >= 300 && peer.isClosed()) ? null : "answered " + status;
        }
    }

    /** Connections that are opened together. */
    private final class Peers implements AutoCloseable {
        private final List<Peer> peers = new ArrayList<>();

        Peers(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                peers.add(new Peer(port, timeoutMillis));
            }
        }

        Peer get(int index) {
            return peers.get(index);
        }

        /** Sends a byte of each request that has so many, and returns whether one had. */
        boolean sendByte(List<ValidRequest> requests, int index) {
            boolean sent = false;
            for (int i = 0; i < requests.size(); i++) {
                byte[] bytes = requests.get(i).bytes();
                if (index < bytes.length) {
                    peers.get(i).send(bytes, index, index + 1);
                    sent = true;
                }
            }
            return sent;
        }

        @Override
        public void close() {
            peers.forEach(Peer::close);
        }
    }
}
