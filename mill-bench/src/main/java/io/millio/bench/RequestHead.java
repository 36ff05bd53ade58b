package io.millio.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Parsing the head of a request that has arrived whole in a direct buffer, into an object that outlives the buffer. The
 * parser of Mill-IO copies the head and makes strings when they are asked for; that of Netty makes them while it
 * parses. With {@code strings=2} the target and the Host field are read as strings from both.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RequestHead {
    @Param({"Mill.RequestParser", "Netty.HttpRequestDecoder"})
    public String subject;

    @Param({"wrk", "browser"})
    public String head;

    @Param({"0", "2"})
    public int strings;

    private HeadSubject parser;

    @Setup
    public void open() {
        parser = HeadSubject.open(subject, HeadSubject.bytesOf(head));
    }

    @Benchmark
    public Object measure() throws Exception {
        return strings == 0 ? parser.parse() : parser.parseAndRead();
    }
}
