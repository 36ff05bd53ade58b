package io.millio.faults.scenario;

import io.millio.testkit.ForwardingPoller;
import io.millio.testkit.ForwardingTransport;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.SendableFile;
import io.millio.transport.SocketSettings;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A transport whose accepted streams send files by themselves. */
@SuppressWarnings("NullAway") // the arguments of a call are those of its method
final class SendingTransport extends ForwardingTransport {
    SendingTransport(Transport delegate) {
        super(delegate);
    }

    private record OpenFile(FileChannel channel) implements SendableFile {
        @Override
        public long prefetch(long position, long count) throws IOException {
            return Math.max(0, Math.min(count, channel.size() - position));
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Forwards the calls of a source, but for those that make it another one. */
    private static class Forwarding<T extends Source> implements InvocationHandler {
        final T source;

        Forwarding(T source) {
            this.source = source;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
                throws Throwable {
            try {
                return method.invoke(source, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }

        <I> I as(Class<I> type) {
            return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, this));
        }
    }

    private static final class Listener extends Forwarding<TcpListener> {
        Listener(TcpListener listener) {
            super(listener);
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
                throws Throwable {
            Object result = super.invoke(proxy, method, arguments);
            return result instanceof TcpStream accepted ? new Stream(accepted).as(TcpStream.class) : result;
        }
    }

    private static final class Stream extends Forwarding<TcpStream> {
        Stream(TcpStream stream) {
            super(stream);
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
                throws Throwable {
            if (arguments != null && method.getName().equals("openFile")) {
                return new OpenFile(FileChannel.open((Path) arguments[0], StandardOpenOption.READ));
            }
            if (arguments != null && method.getName().equals("transferFrom")) {
                return send(((OpenFile) arguments[0]).channel, (long) arguments[1], (long) arguments[2]);
            }
            return super.invoke(proxy, method, arguments);
        }

        private long send(FileChannel file, long position, long count) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(count, 16_384));
            int read = file.read(bytes, position);
            return read <= 0 ? -1 : source.write(bytes.flip());
        }
    }

    private static final class Unwrapping extends ForwardingPoller {
        Unwrapping(Poller poller) {
            super(poller);
        }

        @Override
        public Key add(Source source, Object attachment, Interest interest) throws IOException {
            boolean wrapped = Proxy.isProxyClass(source.getClass());
            Source own = wrapped ? ((Forwarding<?>) Proxy.getInvocationHandler(source)).source : source;
            return delegate.add(own, attachment, interest);
        }
    }

    @Override
    public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        return new Unwrapping(delegate.openPoller(eventCapacity, nanoClock));
    }

    @Override
    public TcpListener openListener(SocketAddress address, int backlog, SocketSettings settings) throws IOException {
        return new Listener(delegate.openListener(address, backlog, settings)).as(TcpListener.class);
    }
}
