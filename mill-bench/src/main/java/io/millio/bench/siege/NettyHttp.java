package io.millio.bench.siege;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** The routes on Netty. Guarded, it stops reading while the channel is not writable. In the loop of its channel. */
final class NettyHttp extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final boolean guarded;

    NettyHttp(boolean guarded) {
        this.guarded = guarded;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            answer(context, HttpResponseStatus.BAD_REQUEST, context.alloc().buffer(0));
            context.flush();
            NettyLines.close(context);
            return;
        }
        ByteBuf body = request.uri().equals(HttpRoutes.BIG)
                ? context.alloc().buffer(HttpRoutes.BIG_BYTES).writeZero(HttpRoutes.BIG_BYTES)
                : context.alloc().buffer(8).writeBytes(HttpRoutes.hello());
        answer(context, HttpResponseStatus.OK, body);
    }

    private static void answer(ChannelHandlerContext context, HttpResponseStatus status, ByteBuf body) {
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        ChannelFuture unused = context.write(response);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
        context.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (guarded) {
            context.channel().config().setAutoRead(context.channel().isWritable());
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Error) {
            VictimProgram.log(cause);
        }
        NettyLines.close(context);
    }
}
