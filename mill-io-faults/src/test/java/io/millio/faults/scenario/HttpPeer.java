package io.millio.faults.scenario;

import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A client that sends requests, and compares the responses with those of a run without faults. */
final class HttpPeer extends Peer {
    private final int requests;
    private final @Nullable List<String> expected;

    /**
     * Sends all requests at once.
     *
     * @param expected the responses; null if this is the run without faults
     */
    HttpPeer(
            SimNetwork network,
            SimHost host,
            SocketAddress server,
            List<String> requests,
            @Nullable List<String> expected)
            throws IOException {
        super(network, host, server, String.join("", requests).getBytes(StandardCharsets.ISO_8859_1), new byte[0]);
        this.requests = requests.size();
        this.expected = expected;
    }

    /** The responses so far, the last one perhaps not whole; the date is left out. */
    List<String> responses() {
        String all = received.toString(StandardCharsets.ISO_8859_1).replaceAll("(?i)\r\ndate: [^\r]*", "");
        List<String> responses = new ArrayList<>();
        for (int from = 0, to; from < all.length(); from = to) {
            to = end(all, from);
            responses.add(to < 0 ? all.substring(from) : all.substring(from, to));
            if (to < 0) {
                break;
            }
        }
        return responses;
    }

    /** Where a response ends; -1 if it is not whole. */
    private static int end(String all, int from) {
        int head = all.indexOf("\r\n\r\n", from);
        if (head < 0) {
            return -1;
        }
        int end = head + 4;
        String fields = all.substring(from, head).toLowerCase(Locale.ROOT) + "\r\n";
        if (fields.contains("transfer-encoding: chunked")) {
            int last = all.indexOf("\r\n0\r\n\r\n", head);
            end = last < 0 ? Integer.MAX_VALUE : last + 7;
        } else if (fields.contains("content-length: ")) {
            int at = fields.indexOf("content-length: ") + "content-length: ".length();
            end += Integer.parseInt(fields.substring(at, fields.indexOf('\r', at)));
        }
        return end <= all.length() ? end : -1;
    }

    private boolean isWhole(String response) {
        return end(response, 0) == response.length();
    }

    private static boolean isError(String response) {
        return response.startsWith("HTTP/1.1 500");
    }

    @Override
    boolean isDone() {
        List<String> all = responses();
        return all.size() == requests && isWhole(all.get(all.size() - 1));
    }

    /** Whether there is nothing but what was expected, errors, and the part of a response when it has ended. */
    @Override
    boolean isExact() {
        List<String> all = responses();
        if (expected == null) {
            return true;
        }
        for (int i = 0; i < all.size(); i++) {
            String each = all.get(i);
            boolean known = i < expected.size()
                    && (isWhole(each)
                            ? expected.get(i).equals(each)
                            : expected.get(i).startsWith(each));
            if (!known && !isError(each) && !"HTTP/1.1 500".startsWith(each)) {
                return false;
            }
        }
        return true;
    }

    @Override
    boolean isServed() {
        return isDone() && responses().stream().noneMatch(HttpPeer::isError);
    }

    @Override
    public String toString() {
        return super.toString() + ": " + responses();
    }
}
