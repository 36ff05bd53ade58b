package io.millio.examples.jsonrpc;

import java.time.Instant;
import java.util.BitSet;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Methods to try things with. */
public final class ExampleMethods {
    private static final long MAX_SLEEP_MILLIS = 60_000;
    private static final long MAX_BELOW = 50_000_000;

    private ExampleMethods() {}

    /**
     * Adds them all: {@code echo}, {@code add}, {@code subtract}, {@code sum}, {@code time}; {@code primes} and
     * {@code sleep} are slow.
     */
    public static JsonRpc.Builder addTo(JsonRpc.Builder service) {
        return service.method("echo", ExampleMethods::echo)
                .method("add", ExampleMethods::add)
                .method("subtract", ExampleMethods::subtract)
                .method("sum", ExampleMethods::sum)
                .method("time", ExampleMethods::time)
                .slowMethod("primes", ExampleMethods::primes)
                .slowMethod("sleep", ExampleMethods::sleep);
    }

    /** The parameters themselves. */
    private static void echo(Params params, JsonGenerator result) throws RpcException {
        if (params.isPresent()) {
            result.copyCurrentStructureExact(params.parser());
        }
    }

    private static void add(Params params, JsonGenerator result) throws RpcException {
        Number[] given = params.numbers("augend", "addend");
        write(result, plus(given[0], given[1]));
    }

    private static void subtract(Params params, JsonGenerator result) throws RpcException {
        Number[] given = params.numbers("minuend", "subtrahend");
        if (given[0] instanceof Long minuend && given[1] instanceof Long subtrahend) {
            long difference = minuend - subtrahend;
            if (((minuend ^ subtrahend) & (minuend ^ difference)) < 0) {
                throw tooLarge();
            }
            result.writeNumber(difference);
        } else {
            write(result, given[0].doubleValue() - given[1].doubleValue());
        }
    }

    /** Of any number of numbers. */
    private static void sum(Params params, JsonGenerator result) throws RpcException {
        JsonParser json = params.parser();
        if (params.isNamed()) {
            throw RpcException.invalidParams("they must be an array");
        }
        Number sum = 0L;
        for (JsonToken token; (token = json.nextToken()) != JsonToken.END_ARRAY; ) {
            sum = plus(sum, Params.number(json, token));
        }
        write(result, sum);
    }

    private static Number plus(Number a, Number b) throws RpcException {
        if (a instanceof Long x && b instanceof Long y) {
            long sum = x + y;
            if (((x ^ sum) & (y ^ sum)) < 0) {
                throw tooLarge();
            }
            return sum;
        }
        return a.doubleValue() + b.doubleValue();
    }

    private static void write(JsonGenerator result, Number number) throws RpcException {
        if (number instanceof Long whole) {
            result.writeNumber(whole);
        } else if (Double.isInfinite(number.doubleValue())) {
            throw tooLarge();
        } else {
            result.writeNumber(number.doubleValue());
        }
    }

    private static RpcException tooLarge() {
        return RpcException.invalidParams("the result is too large");
    }

    /** The time of the server. */
    private static void time(Params params, JsonGenerator result) throws RpcException {
        params.none();
        result.writeString(Instant.now().toString());
    }

    /** How many primes there are below a number. */
    private static void primes(Params params, JsonGenerator result) throws RpcException {
        int below = (int) whole(params, "below", MAX_BELOW);
        BitSet composite = new BitSet(below);
        int primes = 0;
        for (int i = 2; i < below; i++) {
            if (!composite.get(i)) {
                primes++;
                for (long multiple = (long) i * i; multiple < below; multiple += i) {
                    composite.set((int) multiple);
                }
            }
        }
        result.writeNumber(primes);
    }

    /** Holds up its thread, as what waits for something else does. */
    private static void sleep(Params params, JsonGenerator result) throws RpcException, InterruptedException {
        long millis = whole(params, "millis", MAX_SLEEP_MILLIS);
        Thread.sleep(millis);
        result.writeNumber(millis);
    }

    private static long whole(Params params, String name, long most) throws RpcException {
        Number given = params.numbers(name)[0];
        if (!(given instanceof Long value) || value < 0 || value > most) {
            throw RpcException.invalidParams(name + ": " + given + ", must be a whole number from 0 to " + most);
        }
        return value;
    }
}
