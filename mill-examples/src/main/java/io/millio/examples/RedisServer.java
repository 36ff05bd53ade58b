package io.millio.examples;

import io.millio.EventLoop;
import io.millio.Timer;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Syntax;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpServer;
import io.millio.net.WriteResult;
import io.millio.net.frame.FrameDecoder;
import io.millio.net.frame.FrameException;
import io.millio.net.frame.FrameFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A part of Redis, in memory. A character stands for a byte; one object serves all connections, on all loops. */
record RedisServer(Arguments arguments, Map<String, Entry> entries) implements Example, ConnectionHandler {
    private static final FrameDecoder COMMANDS = FrameDecoder.of(1 << 20, (bytes, searched) -> parse(bytes, null));

    /** A string, list, set or hash, which changes in a step of the map only; and the timer that removes it. */
    record Entry(Object value, @Nullable Timer expiry, long expiresNanos) {}

    RedisServer(Arguments arguments) {
        this(arguments, new ConcurrentHashMap<>());
    }

    static Syntax syntax() {
        return Servers.syntax("redis-server", "A part of Redis, in memory: strings, lists, sets, hashes, expiry.");
    }

    @Override
    public int run(Console console) throws IOException {
        return Servers.run(arguments, TcpServer.builder().handler(this));
    }

    // ---- the protocol: an array of bulk strings, *2\r\n$3\r\nGET\r\n$1\r\nk\r\n, or the words of a line

    /** Returns the length of a command, and adds its words to a list if there is one. */
    private static int parse(ByteBuffer bytes, @Nullable List<String> words) throws FrameException {
        ByteBuffer in = bytes.slice();
        if (in.get(0) != '*') {
            String line = text(in, in.limit());
            if (words != null) {
                words.addAll(List.of(line.trim().split(" +")));
            }
            return line.indexOf('\n') < 0 ? FrameFormat.UNKNOWN : line.indexOf('\n') + 1;
        }
        for (int left = number(in); left != 0; left--) {
            int length = left < 0 ? -1 : number(in);
            if (length < 0 || length + 2 > in.remaining()) {
                return FrameFormat.UNKNOWN;
            }
            if (words != null) {
                words.add(text(in, length));
            }
            in.position(in.position() + length + 2);
        }
        return in.position();
    }

    /** Reads a line with a number; -1 if it is not there whole. */
    private static int number(ByteBuffer in) throws FrameException {
        int number = 0;
        while (in.hasRemaining()) {
            int each = in.get();
            if (each == '\n') {
                return number;
            } else if (number > 1 << 20 || "*$\r0123456789".indexOf(each) < 0) {
                throw FrameException.bad("a length must be a number of at most 7 digits");
            }
            number = each < '0' ? number : 10 * number + each - '0';
        }
        return -1;
    }

    private static String text(ByteBuffer in, int length) {
        byte[] copy = new byte[length];
        in.get(in.position(), copy);
        return new String(copy, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void onData(Connection connection, ByteBuffer bytes) throws Exception {
        COMMANDS.decode(connection, bytes, (from, frame) -> {
            List<String> words = new ArrayList<>();
            int unused = parse(frame, words);
            String reply = reply(words, from.loop());
            if (from.write(ByteBuffer.wrap(reply.getBytes(StandardCharsets.ISO_8859_1))) == WriteResult.PAUSE) {
                from.pauseReading(); // it does not read its replies
            }
        });
    }

    @Override
    public void onWritable(Connection connection) {
        connection.resumeReading();
    }

    // ---- commands

    private String reply(List<String> words, EventLoop loop) {
        try {
            return words.isEmpty() ? "" : execute(words, loop);
        } catch (ClassCastException e) {
            return "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
        } catch (IndexOutOfBoundsException e) {
            return "-ERR wrong number of arguments\r\n";
        } catch (IllegalArgumentException | ArithmeticException e) {
            return "-ERR " + String.valueOf(e.getMessage()).replaceAll("[\r\n]", " ") + "\r\n";
        }
    }

    private String execute(List<String> words, EventLoop loop) {
        String key = words.size() > 1 ? words.get(1) : "";
        List<String> rest = words.subList(Math.min(2, words.size()), words.size());
        return switch (words.get(0).toUpperCase(Locale.ROOT)) {
            case "" -> ""; // an empty line
            case "PING" -> words.size() > 1 ? bulk(key) : "+PONG\r\n";
            case "COMMAND", "CONFIG" -> "*0\r\n"; // the tools ask, and do without
            case "DBSIZE" -> integer(entries.size());
            case "GET" -> bulk(string(entries.get(key)));
            case "SET" -> set(key, rest.get(0), rest.size() < 2 ? 0 : millis(rest.get(2), rest.get(1)), loop);
            case "MSET" -> {
                for (int i = 1; i < words.size(); i += 2) {
                    set(words.get(i), words.get(i + 1), 0, loop);
                }
                yield "+OK\r\n";
            }
            case "DEL" -> integer(cancelExpiry(entries.remove(key)) ? 1 : 0);
            case "EXPIRE" -> integer(expire(key, millis(rest.get(0), "EX"), loop) ? 1 : 0);
            case "PTTL" -> integer(millisLeft(entries.get(key), loop));
            case "INCR" -> ":" + entries.compute(key, RedisServer::incremented).value + "\r\n";
            case "LPUSH" -> list(key, list -> integer(list.size() + added(rest, list::offerFirst)));
            case "RPUSH" -> list(key, list -> integer(list.size() + added(rest, list::offerLast)));
            case "LPOP" -> list(key, list -> bulk(list.pollFirst()));
            case "RPOP" -> list(key, list -> bulk(list.pollLast()));
            case "LRANGE" -> list(key, list -> range(list, rest.get(0), rest.get(1)));
            case "SADD" -> members(key, set -> integer(added(rest, set::add)));
            case "SPOP" -> members(key, set -> bulk(set.pollFirst()));
            case "HSET" -> hash(key, hash -> integer(hash.put(rest.get(0), rest.get(1)) == null ? 1 : 0));
            case "HGET" -> hash(key, hash -> bulk(hash.get(rest.get(0))));
            default -> throw new IllegalArgumentException("unknown command '" + words.get(0) + "'");
        };
    }

    private static long millis(String number, String unit) {
        return switch (unit.toUpperCase(Locale.ROOT)) {
            case "EX" -> Math.multiplyExact(1000, Long.parseLong(number));
            case "PX" -> Long.parseLong(number);
            default -> throw new IllegalArgumentException("syntax error");
        };
    }

    private String set(String key, String value, long millis, EventLoop loop) {
        boolean unused = cancelExpiry(entries.put(key, new Entry(value, null, 0)));
        return millis == 0 || expire(key, millis, loop) ? "+OK\r\n" : bulk(null);
    }

    private static boolean cancelExpiry(@Nullable Entry removed) {
        boolean unused = removed != null && removed.expiry != null && removed.expiry.cancel();
        return removed != null;
    }

    private boolean expire(String key, long millis, EventLoop loop) {
        long at = loop.nanoTime() + millis * 1_000_000;
        Timer timer = loop.schedule(
                Duration.ofMillis(millis),
                () -> entries.computeIfPresent(key, (same, now) -> now.expiresNanos == at ? null : now));
        return entries.computeIfPresent(key, (same, now) -> new Entry(now.value, timer, at)) != null;
    }

    private static long millisLeft(@Nullable Entry of, EventLoop loop) {
        return of == null ? -2 : of.expiry == null ? -1 : (of.expiresNanos - loop.nanoTime()) / 1_000_000;
    }

    private static @Nullable String string(@Nullable Entry of) {
        return of == null ? null : (String) of.value;
    }

    private static Entry incremented(String key, @Nullable Entry now) {
        String next = Long.toString(now == null ? 1 : Math.addExact(Long.parseLong(string(now)), 1));
        return now == null ? new Entry(next, null, 0) : new Entry(next, now.expiry, now.expiresNanos);
    }

    private String list(String key, Function<ArrayDeque<String>, String> change) {
        return change(key, ArrayDeque::new, ArrayDeque::isEmpty, change);
    }

    private String members(String key, Function<TreeSet<String>, String> change) {
        return change(key, TreeSet::new, TreeSet::isEmpty, change);
    }

    private String hash(String key, Function<HashMap<String, String>, String> change) {
        return change(key, HashMap::new, HashMap::isEmpty, change);
    }

    /** Changes the items of a key in one step, and returns the reply; a key without items is removed. */
    @SuppressWarnings("unchecked") // a value of another type fails as the change uses it
    private <T> String change(String key, Supplier<T> empty, Predicate<T> isEmpty, Function<T, String> change) {
        String[] reply = new String[1];
        entries.compute(key, (same, now) -> {
            T items = now == null ? empty.get() : (T) now.value;
            reply[0] = change.apply(items);
            return isEmpty.test(items) ? null : now == null ? new Entry(items, null, 0) : now;
        });
        return reply[0];
    }

    private static String range(ArrayDeque<String> list, String first, String last) {
        long skipped = index(first, list.size());
        long count = Math.max(0, index(last, list.size()) + 1 - skipped);
        List<String> texts =
                list.stream().skip(skipped).limit(count).map(RedisServer::bulk).toList();
        return "*" + texts.size() + "\r\n" + String.join("", texts);
    }

    private static long index(String text, int size) {
        long index = Long.parseLong(text);
        return Math.max(0, index < 0 ? index + size : index);
    }

    private static long added(List<String> texts, Predicate<String> target) {
        return texts.stream().filter(target).count();
    }

    private static String bulk(@Nullable String text) {
        return text == null ? "$-1\r\n" : "$" + text.length() + "\r\n" + text + "\r\n";
    }

    private static String integer(long number) {
        return ":" + number + "\r\n";
    }
}
