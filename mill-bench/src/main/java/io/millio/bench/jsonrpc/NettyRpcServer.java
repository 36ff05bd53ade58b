package io.millio.bench.jsonrpc;

import io.millio.examples.jsonrpc.Answers;
import io.millio.examples.jsonrpc.Dispatcher;
import io.millio.examples.jsonrpc.JsonRpc;
import io.millio.examples.jsonrpc.Pending;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The service as a user of Netty writes it: a line decoder, and a handler that flushes when all that was read is
 * answered.
 */
final class NettyRpcServer {
    private NettyRpcServer() {}

    static int start(JsonRpc service, RpcSubject subject) throws InterruptedException {
        boolean epoll = subject == RpcSubject.NETTY_EPOLL;
        boolean flushEach = subject == RpcSubject.NETTY_NIO_EACH;
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends ServerChannel> channel = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, io);
        Dispatcher dispatcher = new Dispatcher(service, (task, callback) -> {
            throw new RejectedExecutionException("slow methods are not measured");
        });
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(channel)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel accepted) {
                        accepted.pipeline()
                                .addLast(new LineBasedFrameDecoder(service.maxMessageBytes()))
                                .addLast(new Calls(dispatcher, flushEach));
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    private static final class Calls extends SimpleChannelInboundHandler<ByteBuf> implements Answers {
        private final Dispatcher dispatcher;
        private final boolean flushEach;
        private @Nullable ChannelHandlerContext context;

        Calls(Dispatcher dispatcher, boolean flushEach) {
            this.dispatcher = dispatcher;
            this.flushEach = flushEach;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext added) {
            context = added;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext from, ByteBuf line) {
            Pending unused = dispatcher.accept(line.nioBuffer(), this);
        }

        @Override
        public void answer(ByteBuffer answer, @Nullable Pending of) {
            ChannelHandlerContext to = context;
            if (to == null || !answer.hasRemaining()) {
                return;
            }
            ByteBuf line = to.alloc().ioBuffer(answer.remaining() + 1);
            line.writeBytes(answer).writeByte('\n');
            ChannelFuture unused =
                    flushEach ? to.writeAndFlush(line, to.voidPromise()) : to.write(line, to.voidPromise());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
            ChannelFuture unused = from.close(); // the load ends with a reset
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext from) {
            from.flush();
        }
    }
}
