package io.millio.bench;

import io.millio.http.wire.Ascii;
import io.millio.http.wire.Fields;
import io.millio.http.wire.HeadLimits;
import io.millio.http.wire.RequestParser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A parser of request heads, with one head in a direct buffer. One thread at a time. */
interface HeadSubject {
    /** The parts of a request as strings. */
    record Read(Object request, String target, String host) {}

    /** Parses the head once more and returns the request. */
    Object parse() throws Exception;

    /** Parses the head once more and reads the target and the Host field as strings. */
    Read parseAndRead() throws Exception;

    static HeadSubject open(String subject, byte[] head) {
        return switch (subject) {
            case "Mill.RequestParser" -> new Mill(head);
            case "Netty.HttpRequestDecoder" -> new Netty(head);
            default -> throw new IllegalArgumentException("subject: " + subject);
        };
    }

    /** Returns a head of 120 bytes, as a load generator sends it, or one of 350 bytes, as a browser does. */
    static byte[] bytesOf(String head) {
        String text = switch (head) {
            case "wrk" -> """
                GET /plaintext HTTP/1.1
                Host: localhost:8080
                User-Agent: wrk/4.2.0
                Accept: text/plain,*/*
                Connection: keep-alive

                """;
            case "browser" -> """
                GET /articles/2024/index.html?page=2 HTTP/1.1
                Host: www.example.com
                User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0
                Accept: text/html,application/xhtml+xml,*/*;q=0.8
                Accept-Language: en-US,en;q=0.5
                Accept-Encoding: gzip, deflate, br
                Connection: keep-alive
                Cookie: session=0a1b2c3d4e5f60718293; theme=dark

                """;
            default -> throw new IllegalArgumentException("head: " + head);
        };
        return text.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** The parser and the copies that a request of the server keeps. */
    final class Mill implements HeadSubject {
        private final ByteBuffer in;
        private final RequestParser parser = new RequestParser(new HeadLimits(8 * 1024, 100, 16 * 1024));

        /** What a request keeps of its head. */
        static final class Request {
            final byte[] head;
            final Fields fields;
            final int targetStart;
            final int targetLength;

            Request(RequestParser parser) {
                head = parser.copy(parser.length());
                fields = new Fields(parser.fields);
                targetStart = parser.targetStart;
                targetLength = parser.targetLength;
            }
        }

        Mill(byte[] head) {
            in = ByteBuffer.allocateDirect(head.length).put(head).flip();
        }

        @Override
        public Request parse() {
            if (parser.parse(in) != RequestParser.Result.DONE) {
                throw new AssertionError(parser.reason);
            }
            Request request = new Request(parser);
            parser.reset();
            return request;
        }

        @Override
        public Read parseAndRead() {
            Request request = parse();
            byte[] head = request.head;
            int host = request.fields.find(head, "Host", 0);
            return new Read(
                    request,
                    Ascii.text(head, request.targetStart, request.targetLength),
                    Ascii.text(head, request.fields.valueStart(host), request.fields.valueLength(host)));
        }
    }

    /** The decoder, called without a pipeline. */
    final class Netty extends HttpRequestDecoder implements HeadSubject {
        private final ByteBuf in;
        private final ChannelHandlerContext context;
        private final List<Object> out = new ArrayList<>();

        Netty(byte[] head) {
            in = ByteBufAllocator.DEFAULT.directBuffer(head.length).writeBytes(head);
            context = new EmbeddedChannel(this).pipeline().context(this);
        }

        @Override
        public HttpRequest parse() throws Exception {
            in.readerIndex(0);
            out.clear();
            decode(context, in, out);
            HttpRequest request = (HttpRequest) out.get(0);
            if (out.size() != 2 || in.isReadable() || request.decoderResult().isFailure()) {
                throw new AssertionError(out);
            }
            return request;
        }

        @Override
        public Read parseAndRead() throws Exception {
            HttpRequest request = parse();
            return new Read(request, request.uri(), request.headers().get(HttpHeaderNames.HOST));
        }
    }
}
