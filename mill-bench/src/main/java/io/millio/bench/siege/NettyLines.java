package io.millio.bench.siege;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import java.nio.ByteBuffer;

/**
 * A connection of the line protocol on Netty. Guarded, it stops reading while the channel is not writable, writes large
 * answers as far as the watermark allows and continues later, and leaves out broadcasts to channels that are not
 * writable. In the loop of its channel.
 */
final class NettyLines extends SimpleChannelInboundHandler<ByteBuf> {
    private final ChannelGroup subscribers;
    private final boolean guarded;

    /** Bytes of large answers that are to follow when the channel is writable. */
    private long owed;

    NettyLines(ChannelGroup subscribers, boolean guarded) {
        this.subscribers = subscribers;
        this.guarded = guarded;
    }

    static void broadcast(ChannelGroup subscribers, byte[] message, boolean guarded) {
        for (Channel each : subscribers) {
            if (!guarded || each.isWritable()) {
                ByteBuf copy = each.alloc().ioBuffer(message.length).writeBytes(message);
                ChannelFuture unused = each.writeAndFlush(copy, each.voidPromise());
            }
        }
    }

    static void close(ChannelHandlerContext context) {
        ChannelFuture unused = context.close();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf line) {
        LineCommands.execute(line.nioBuffer(), new LineCommands.Output() {
            @Override
            public void write(ByteBuffer bytes) {
                queue(context, bytes);
            }

            @Override
            public void subscribe() {
                subscribers.add(context.channel());
            }

            @Override
            public void big(long bytes) {
                if (guarded) {
                    owed += bytes;
                    writeOwed(context);
                } else {
                    LineCommands.Output.super.big(bytes);
                }
            }
        });
    }

    private static void queue(ChannelHandlerContext context, ByteBuffer bytes) {
        ByteBuf copy = context.alloc().ioBuffer(bytes.remaining()).writeBytes(bytes);
        ChannelFuture unused = context.write(copy, context.voidPromise());
    }

    private void writeOwed(ChannelHandlerContext context) {
        while (owed > 0 && context.channel().isWritable()) {
            ByteBuffer block = LineCommands.block(owed);
            owed -= block.remaining();
            queue(context, block);
            if (owed == 0) {
                queue(context, LineCommands.endOfLine());
            }
        }
        context.flush();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
        context.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (guarded) {
            writeOwed(context);
            context.channel().config().setAutoRead(context.channel().isWritable());
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Error) {
            VictimProgram.log(cause);
        }
        close(context);
    }
}
