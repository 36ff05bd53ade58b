package io.millio.bench.siege;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The victims on Netty: the line protocol by {@link LineBasedFrameDecoder}, HTTP by {@link HttpServerCodec} and
 * {@link HttpObjectAggregator}, on one loop. Guarded, they have a limit of connections, read and write timeouts, and
 * look at the watermarks before they write.
 */
final class NettyServers {
    private static final int MAX_CONNECTIONS = 1_000;
    private static final int TIMEOUT_SECONDS = 5;

    private NettyServers() {}

    static int start(Protocol protocol, Path keys, boolean guarded) throws Exception {
        SslContext tls = protocol == Protocol.TLS
                ? SslContextBuilder.forServer(ServerKeys.key(keys), ServerKeys.certificate(keys))
                        .sslProvider(SslProvider.JDK)
                        .build()
                : null;
        ChannelGroup subscribers = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        ConnectionLimit limit = new ConnectionLimit();
        Channel listening = new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        ChannelPipeline pipeline = channel.pipeline();
                        if (guarded) {
                            pipeline.addLast(
                                    limit,
                                    new ReadTimeoutHandler(TIMEOUT_SECONDS),
                                    new WriteTimeoutHandler(TIMEOUT_SECONDS));
                        }
                        if (protocol == Protocol.LINE) {
                            pipeline.addLast(new LineBasedFrameDecoder(LineCommands.MAX_LINE_BYTES));
                            pipeline.addLast(new NettyLines(subscribers, guarded));
                        } else {
                            addHttp(pipeline, tls, guarded);
                        }
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        if (protocol == Protocol.LINE) {
            Broadcaster.start(message -> NettyLines.broadcast(subscribers, message, guarded));
        }
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    private static void addHttp(ChannelPipeline pipeline, @Nullable SslContext tls, boolean guarded) {
        if (tls != null) {
            pipeline.addLast(tls.newHandler(pipeline.channel().alloc()));
        }
        pipeline.addLast(
                new HttpServerCodec(),
                new HttpServerKeepAliveHandler(),
                new HttpObjectAggregator(HttpRoutes.MAX_BODY_BYTES),
                new NettyHttp(guarded));
    }

    /** Closes connections beyond a number of them. */
    @Sharable
    private static final class ConnectionLimit extends ChannelInboundHandlerAdapter {
        private final AtomicInteger connections = new AtomicInteger();

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (connections.incrementAndGet() > MAX_CONNECTIONS) {
                NettyLines.close(context);
            } else {
                context.fireChannelActive();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            connections.decrementAndGet();
            context.fireChannelInactive();
        }
    }
}
