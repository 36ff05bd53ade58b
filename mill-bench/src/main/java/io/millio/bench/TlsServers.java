package io.millio.bench;

import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpServer;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import io.millio.net.tls.TlsContextBuilder;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * The program of a server's process: it echoes over TLS of the platform, on one loop, with the defaults of its library.
 * Arguments: the subject, and the key store.
 */
final class TlsServers {
    /** Library, transport, and where the handshake computes if that is not the library's default. */
    static final List<String> SUBJECTS = List.of("Mill.nio", "Mill.epoll", "Netty.nio");

    /** Mill-IO computes on a pool by default, Netty on the loop. */
    static final List<String> HANDSHAKE_SUBJECTS =
            List.of("Mill.nio", "Mill.epoll", "Netty.nio", "Mill.nio.loop", "Mill.epoll.loop", "Netty.nio.pool");

    static final String PASSWORD = "benchmark";
    static final String ALIAS = "own";

    private TlsServers() {}

    public static void main(String[] args) throws Exception {
        Path store = Path.of(args[1]);
        SocketAddress bound = switch (args[0]) {
            case "Mill.epoll", "Mill.nio" -> mill(store, false);
            case "Mill.epoll.loop", "Mill.nio.loop" -> mill(store, true);
            case "Netty.nio" -> netty(store, false);
            case "Netty.nio.pool" -> netty(store, true);
            default -> throw new IllegalArgumentException("subject: " + args[0]);
        };
        System.out.println(((InetSocketAddress) bound).getPort());
        System.in.transferTo(System.out); // until who started this has gone
        System.exit(0);
    }

    static String transportOf(String subject) {
        return subject.contains(".epoll") ? "epoll" : "nio";
    }

    private static SocketAddress mill(Path store, boolean onLoop) throws IOException {
        TlsContextBuilder tls =
                TlsContext.server().certificates(TlsCertificate.keyStore(store, PASSWORD.toCharArray()));
        if (onLoop) {
            tls.taskExecutor(Runnable::run);
        }
        return TcpServer.builder()
                .address("127.0.0.1", 0)
                .tls(tls.build())
                .handler(new MillEcho())
                .start()
                .localAddress();
    }

    private static final class MillEcho implements ConnectionHandler {
        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            connection.write(bytes);
        }
    }

    private static SocketAddress netty(Path store, boolean onPool) throws Exception {
        Executor tasks =
                onPool ? Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors()) : Runnable::run;
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream from = Files.newInputStream(store)) {
            keys.load(from, PASSWORD.toCharArray());
        }
        SslContext tls = SslContextBuilder.forServer(
                        (PrivateKey) keys.getKey(ALIAS, PASSWORD.toCharArray()),
                        (X509Certificate) keys.getCertificate(ALIAS))
                .sslProvider(SslProvider.JDK)
                .build();
        return new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.newHandler(channel.alloc(), tasks), new NettyEcho());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel()
                .localAddress();
    }

    private static final class NettyEcho extends ChannelInboundHandlerAdapter {
        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // a failed write closes, and that is all there is to it
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored")
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // the peer has gone
        }
    }
}
