package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.Transport;
import org.junit.jupiter.api.Test;

class SelectionTest {
    @Test
    void x() {
        assertThat(Transport.best().name()).isEqualTo(Runtime.version().feature() < 22 ? "nio" : "epoll");
    }
}
