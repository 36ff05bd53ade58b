package io.millio.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A case of {@code conformance.txt}, where its form is described.
 *
 * @param bytes what is sent, a character a byte
 * @param answers what comes while the client may still send
 * @param atTheEnd what has come at last, when the client has ended its output
 */
record ConformanceCase(String name, String bytes, List<String> answers, List<String> atTheEnd) {
    private static final String EOF = " eof";

    /** Of a longer text not every position is tried. */
    private static final int MAX_CUTS = 400;

    /** How the bytes come. */
    record Way(String name, List<String> pieces) {}

    /** Returns the bytes whole, one by one, and in two pieces, cut at every position. */
    List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        ways.add(new Way("whole", List.of(bytes)));
        if (!bytes.isEmpty() && bytes.length() <= MAX_CUTS) {
            ways.add(new Way(
                    "byte by byte",
                    bytes.chars().mapToObj(c -> String.valueOf((char) c)).toList()));
        }
        int step = bytes.length() / MAX_CUTS + 1;
        for (int cut = 1; cut < bytes.length(); cut += step) {
            ways.add(new Way("cut at " + cut, List.of(bytes.substring(0, cut), bytes.substring(cut))));
        }
        return ways;
    }

    static List<ConformanceCase> table() throws IOException {
        List<ConformanceCase> cases = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(ConformanceCase.class.getResourceAsStream("conformance.txt"), "conformance.txt"),
                StandardCharsets.US_ASCII))) {
            for (String line; (line = in.readLine()) != null; ) {
                if (!line.isEmpty() && line.charAt(0) != '#') {
                    cases.add(read(line, in));
                }
            }
        }
        return cases;
    }

    /** Reads the lines of a case up to the empty one behind it. */
    private static ConformanceCase read(String name, BufferedReader in) throws IOException {
        StringBuilder bytes = new StringBuilder();
        List<String> answers = new ArrayList<>();
        List<String> atTheEnd = new ArrayList<>();
        for (String line; (line = in.readLine()) != null && !line.isEmpty(); ) {
            if (line.startsWith(">")) {
                bytes.append(unescaped(line.substring(Math.min(2, line.length()))));
            } else if (line.startsWith("< ")) {
                String answer = escaped(unescaped(line.substring(2)));
                if (answer.endsWith(EOF)) {
                    atTheEnd.add(answer.substring(0, answer.length() - EOF.length()));
                } else {
                    answers.add(answer);
                    atTheEnd.add(answer);
                }
            } else {
                throw new IOException("a line of \"" + name + "\" is neither of bytes nor of an answer: " + line);
            }
        }
        return new ConformanceCase(name, bytes.toString(), answers, atTheEnd);
    }

    /** Returns whether the last answer is due when the last byte has come, and not before. */
    boolean isAnsweredAtItsEnd() {
        String last = answers.isEmpty() ? "" : answers.get(answers.size() - 1);
        return !last.isEmpty() && !Character.isDigit(last.charAt(0)) && !last.endsWith(" close");
    }

    private static String unescaped(String text) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '~') {
                bytes.append("\r\n");
            } else if (c != '\\') {
                bytes.append(c);
            } else {
                c = text.charAt(++i);
                switch (c) {
                    case 'r' -> bytes.append('\r');
                    case 'n' -> bytes.append('\n');
                    case 't' -> bytes.append('\t');
                    case '0' -> bytes.append('\0');
                    case '\\' -> bytes.append('\\');
                    case 'x' -> {
                        bytes.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
                        i += 2;
                    }
                    case '*' -> {
                        int end = text.indexOf(';', i);
                        bytes.append(String.valueOf(text.charAt(i + 1))
                                .repeat(Integer.parseInt(text.substring(i + 2, end))));
                        i = end;
                    }
                    default -> throw new IllegalArgumentException("unknown escape in " + text);
                }
            }
        }
        return bytes.toString();
    }

    /** Returns text that may stand in a field: what is not visible ASCII is written as {@code \xHH}. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c <= '~') {
                escaped.append(c);
            } else {
                escaped.append(String.format("\\x%02x", (int) c));
            }
        }
        return escaped.toString();
    }

    /** Returns the answers of a connection, in the form of the table; fails if their framing is wrong. */
    static List<String> answersIn(String received) throws IOException {
        List<String> answers = new ArrayList<>();
        int at = 0;
        while (at < received.length()) {
            int end = received.indexOf("\r\n\r\n", at);
            if (end < 0 || !received.startsWith("HTTP/1.1 ", at)) {
                throw new IOException("no answer: " + received.substring(at));
            }
            String head = received.substring(at, end + 2);
            String status = head.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3);
            if (!status.equals("100") && field(head, "Date: ").isEmpty()) {
                throw new IOException("no date (RFC 9110, 6.6.1): " + head);
            }
            String seen = field(head, "X-Seen: ");
            String length = field(head, "Content-Length: ");
            answers.add((status.equals("200") ? seen : status)
                    + (head.contains("\r\nConnection: close\r\n") ? " close" : ""));
            // The answers 200 have no body; the others are the last of their connection, and may be for HEAD.
            at = end + 4;
            if (!status.equals("200") && at < received.length() && !length.isEmpty()) {
                at += Integer.parseInt(length);
            }
        }
        return answers;
    }

    private static String field(String head, String name) {
        int at = head.indexOf("\r\n" + name);
        int start = at + 2 + name.length();
        return at < 0 ? "" : head.substring(start, head.indexOf("\r\n", start));
    }

    @Override
    public String toString() {
        return name;
    }
}
