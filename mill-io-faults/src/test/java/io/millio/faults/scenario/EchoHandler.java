package io.millio.faults.scenario;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.Registration;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The program's own handler, in which faults strike as well. */
final class EchoHandler implements EventHandler {
    private final SimScenario scenario;
    private final TcpStream stream;
    private final ByteBuffer buffer = ByteBuffer.allocate(64).flip();

    EchoHandler(SimScenario scenario, TcpStream stream) {
        this.scenario = scenario;
        this.stream = stream;
    }

    @Override
    public void handle(Event event) throws IOException {
        while (true) {
            if (!buffer.hasRemaining()) {
                int count = stream.read(buffer.clear());
                buffer.flip();
                if (count < 0) {
                    event.registration().close();
                    return;
                } else if (count == 0) {
                    event.registration().setInterest(io.millio.transport.Interest.READABLE);
                    return;
                }
            }
            stream.write(buffer);
            if (buffer.hasRemaining()) {
                event.registration().setInterest(io.millio.transport.Interest.WRITABLE);
                return;
            }
        }
    }

    @Override
    public void onClose(Registration registration, @Nullable Throwable cause) {
        scenario.closed(this, registration);
    }
}
