package io.millio.faults.scenario;

import io.millio.Event;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The program's own handler, in which faults strike as well. */
final class EchoHandler extends CountedHandler {
    private final TcpStream stream;
    private final ByteBuffer buffer = ByteBuffer.allocate(64).flip();

    EchoHandler(SimScenario scenario, TcpStream stream) {
        super(scenario);
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
                    event.registration().setInterest(Interest.READABLE);
                    return;
                }
            }
            stream.write(buffer);
            if (buffer.hasRemaining()) {
                event.registration().setInterest(Interest.WRITABLE);
                return;
            }
        }
    }
}
