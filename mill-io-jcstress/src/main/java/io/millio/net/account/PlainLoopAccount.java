package io.millio.net.account;

import java.util.function.ObjLongConsumer;

/** An account without connections. */
final class PlainLoopAccount extends LoopAccount {
    PlainLoopAccount(MemoryTotal total) {
        super(total);
    }

    static MemoryTotal newTotal() {
        return new MemoryTotal(1_000_000, 700_000, 850_000, 600_000, 0, 1);
    }

    @Override
    public void forEachHolder(ObjLongConsumer<Object> action) {}
}
