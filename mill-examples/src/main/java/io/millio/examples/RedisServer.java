package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A part of Redis, in memory. A character stands for a byte; one object serves all connections, on all loops. */
record RedisServer(Arguments arguments, Map<String, Entry> entries) implements Example, ConnectionHandler {
    private static final FrameDecoder COMMANDS = FrameDecoder.of(1 << 20, (bytes, searched) -> parse(bytes, null));

    /** A value, which is a string or items, and the timer that removes it. */
    record Entry(Object value, @Nullable Timer expiry, long expiresNanos) {
        long millisLeft(EventLoop loop) {
            return (expiresNanos - loop.nanoTime()) / 1_000_000;
        }
    }

    /** A list, or the members of a set or fields of a hash. Changed in a step of the map only. */
    private record Items(ArrayDeque<String> list, Map<String, String> fields) {
        String push(List<String> texts, Consumer<String> end) {
            texts.forEach(end);
            return integer(list.size());
        }

        String range(String first, String last) {
            long skipped = index(first);
            List<String> texts = list.stream()
                    .skip(skipped)
                    .limit(Math.max(0, index(last) + 1 - skipped))
                    .toList();
            return "*" + texts.size() + "\r\n"
                    + texts.stream().map(RedisServer::bulk).collect(Collectors.joining());
        }

        private long index(String text) {
            long index = Long.parseLong(text);
            return Math.max(0, index < 0 ? index + list.size() : index);
        }

        String add(List<String> members) {
            return integer(members.stream()
                    .filter(each -> fields.put(each, "") == null)
                    .count());
        }

        @Nullable
        String removeAny() {
            String any = fields.isEmpty() ? null : fields.keySet().iterator().next();
            fields.remove(any);
            return any;
        }
    }

    RedisServer(Arguments arguments) {
        this(arguments, new ConcurrentHashMap<>());
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("redis-server", "A part of Redis, in memory: strings, lists, sets, hashes, expiry.");
        AddressOptions.addTo(syntax);
        EntranceOptions.addTo(syntax);
        NetOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        NetOptions options = new NetOptions(arguments);
        EntranceOptions entrance = new EntranceOptions(arguments);
        var builder = TcpServer.builder().address(new AddressOptions(arguments).address());
        try (EventLoopGroup loops = options.openLoops()) {
            TcpServer server =
                    entrance.applyTo(builder.loops(loops).handler(this)).start();
            Servers.run(options, entrance, loops, server);
        }
        return 0;
    }

    // ---- the protocol: an array of bulk strings, *2\r\n$3\r\nGET\r\n$1\r\nk\r\n, or the words of a line

    /** Returns the length of a command, and adds its words to a list if there is one. */
    private static int parse(ByteBuffer bytes, @Nullable List<String> words) throws FrameException {
        int at = lineEnd(bytes, bytes.position());
        if (at < 0) {
            return FrameFormat.UNKNOWN;
        }
        if (bytes.get(bytes.position()) != '*') {
            if (words != null) {
                String line =
                        text(bytes, bytes.position(), at - bytes.position()).trim();
                words.addAll(line.isEmpty() ? List.of() : List.of(line.split(" +")));
            }
            return at - bytes.position();
        }
        for (int left = number(bytes, bytes.position()); left > 0; left--) {
            int line = at;
            at = lineEnd(bytes, line);
            int length = at < 0 ? 0 : number(bytes, line);
            if (at < 0 || length > bytes.limit() - at - 2) {
                return FrameFormat.UNKNOWN;
            }
            if (words != null) {
                words.add(text(bytes, at, length));
            }
            at += length + 2;
        }
        return at - bytes.position();
    }

    private static int lineEnd(ByteBuffer bytes, int from) {
        for (int at = from; at < bytes.limit(); at++) {
            if (bytes.get(at) == '\n') {
                return at + 1;
            }
        }
        return -1;
    }

    private static int number(ByteBuffer bytes, int from) throws FrameException {
        int number = 0;
        for (int at = from + 1; bytes.get(at) != '\r'; at++) {
            int digit = bytes.get(at) - '0';
            if (digit < 0 || digit > 9 || number > 1 << 20) {
                throw FrameException.bad("a length must be a number of at most 7 digits");
            }
            number = 10 * number + digit;
        }
        return number;
    }

    private static String text(ByteBuffer bytes, int from, int length) {
        byte[] copy = new byte[length];
        bytes.get(from, copy);
        return new String(copy, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void onData(Connection connection, ByteBuffer bytes) throws Exception {
        COMMANDS.decode(connection, bytes, (from, frame) -> {
            List<String> words = new ArrayList<>();
            int unused = parse(frame, words);
            byte[] reply = words.isEmpty() ? new byte[0] : reply(words, from).getBytes(StandardCharsets.ISO_8859_1);
            if (from.write(ByteBuffer.wrap(reply)) == WriteResult.PAUSE) {
                from.pauseReading(); // it does not read its replies
            }
        });
    }

    @Override
    public void onWritable(Connection connection) {
        connection.resumeReading();
    }

    // ---- commands

    private String reply(List<String> words, Connection from) {
        try {
            return execute(words, from);
        } catch (ClassCastException e) {
            return "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
        } catch (IndexOutOfBoundsException e) {
            return "-ERR wrong number of arguments\r\n";
        } catch (IllegalArgumentException | ArithmeticException e) {
            return "-ERR " + String.valueOf(e.getMessage()).replaceAll("[\r\n]", " ") + "\r\n";
        }
    }

    private String execute(List<String> words, Connection from) {
        String key = words.size() > 1 ? words.get(1) : "";
        List<String> rest = words.subList(Math.min(2, words.size()), words.size());
        return switch (words.get(0).toUpperCase(Locale.ROOT)) {
            case "PING" -> words.size() > 1 ? bulk(key) : "+PONG\r\n";
            case "COMMAND", "CONFIG" -> "*0\r\n"; // the tools ask, and do without
            case "DBSIZE" -> integer(entries.size());
            case "GET" -> bulk(entries.containsKey(key) ? (String) entries.get(key).value : null);
            case "SET" -> {
                long millis = rest.size() < 2 ? 0 : Long.parseLong(rest.get(2)) * (isSeconds(rest.get(1)) ? 1000 : 1);
                put(key, new Entry(rest.get(0), null, 0));
                yield millis == 0 || expire(key, millis, from.loop()) ? "+OK\r\n" : bulk(null);
            }
            case "MSET" -> {
                for (int i = 1; i < words.size(); i += 2) {
                    put(words.get(i), new Entry(words.get(i + 1), null, 0));
                }
                yield "+OK\r\n";
            }
            case "DEL" -> integer(put(key, null) ? 1 : 0);
            case "EXPIRE" -> integer(expire(key, Long.parseLong(rest.get(0)) * 1000, from.loop()) ? 1 : 0);
            case "PTTL" -> {
                Entry known = entries.get(key);
                long left = known == null ? -2 : -1;
                yield integer(known == null || known.expiry == null ? left : known.millisLeft(from.loop()));
            }
            case "INCR" -> ":" + entries.compute(key, RedisServer::incremented).value + "\r\n";
            case "LPUSH" -> change(key, items -> items.push(rest, items.list::addFirst));
            case "RPUSH" -> change(key, items -> items.push(rest, items.list::addLast));
            case "LPOP" -> change(key, items -> bulk(items.list.pollFirst()));
            case "RPOP" -> change(key, items -> bulk(items.list.pollLast()));
            case "LRANGE" -> change(key, items -> items.range(rest.get(0), rest.get(1)));
            case "SADD" -> change(key, items -> items.add(rest));
            case "SPOP" -> change(key, items -> bulk(items.removeAny()));
            case "HSET" -> change(key, items -> integer(items.fields.put(rest.get(0), rest.get(1)) == null ? 1 : 0));
            case "HGET" -> change(key, items -> bulk(items.fields.get(rest.get(0))));
            default -> throw new IllegalArgumentException("unknown command '" + words.get(0) + "'");
        };
    }

    private static boolean isSeconds(String unit) {
        if (!unit.equalsIgnoreCase("EX") && !unit.equalsIgnoreCase("PX")) {
            throw new IllegalArgumentException("syntax error");
        }
        return unit.equalsIgnoreCase("EX");
    }

    /** Returns whether there was a value before. */
    private boolean put(String key, @Nullable Entry entry) {
        Entry before = entry == null ? entries.remove(key) : entries.put(key, entry);
        if (before != null && before.expiry != null) {
            boolean unused = before.expiry.cancel();
        }
        return before != null;
    }

    private boolean expire(String key, long millis, EventLoop loop) {
        long at = loop.nanoTime() + millis * 1_000_000;
        Timer timer = loop.schedule(
                Duration.ofMillis(millis),
                () -> entries.computeIfPresent(key, (same, now) -> now.expiresNanos == at ? null : now));
        return entries.computeIfPresent(key, (same, now) -> new Entry(now.value, timer, at)) != null;
    }

    private static Entry incremented(String key, @Nullable Entry now) {
        long before = now == null ? 0 : Long.parseLong((String) now.value);
        return new Entry(
                Long.toString(Math.addExact(before, 1)),
                now == null ? null : now.expiry,
                now == null ? 0 : now.expiresNanos);
    }

    /** Changes the items of a key in one step, and returns the reply; a key without items is removed. */
    private String change(String key, Function<Items, String> change) {
        String[] reply = new String[1];
        entries.compute(key, (same, now) -> {
            Items items = now == null ? new Items(new ArrayDeque<>(), new HashMap<>()) : (Items) now.value;
            reply[0] = change.apply(items);
            boolean empty = items.list.isEmpty() && items.fields.isEmpty();
            return empty ? null : now == null ? new Entry(items, null, 0) : now;
        });
        return reply[0];
    }

    // ---- replies

    private static String bulk(@Nullable String text) {
        return text == null ? "$-1\r\n" : "$" + text.length() + "\r\n" + text + "\r\n";
    }

    private static String integer(long number) {
        return ":" + number + "\r\n";
    }
}
