package io.millio.faults;

import java.util.Set;

/**
 * The methods of the platform that are known not to allocate, by reading their source in JDK 25, for the arguments that
 * they are called with. Whatever is missing here gets a fault point, so that a gap costs time and hides nothing.
 */
final class NonAllocating {
    private static final Set<String> CLASSES = Set.of(
            "java/lang/Math",
            "java/lang/Object",
            "java/lang/invoke/VarHandle",
            "java/lang/invoke/MethodHandle",
            "java/util/Objects",
            "java/util/concurrent/atomic/AtomicBoolean",
            "java/util/concurrent/atomic/AtomicInteger",
            "java/util/concurrent/atomic/AtomicIntegerArray",
            "java/util/concurrent/atomic/AtomicLong",
            "java/util/concurrent/atomic/AtomicReference",
            "java/util/concurrent/atomic/AtomicReferenceArray");

    // With them, callbacks whose target is the library's or the program's own, where the fault points are inside.
    private static final Set<String> METHODS = Set.of(
            "java/lang/Runnable.run",
            "java/util/concurrent/Callable.call",
            "java/util/function/BooleanSupplier.getAsBoolean",
            "java/util/function/BiConsumer.accept",
            "java/util/function/Consumer.accept",
            "java/util/EnumMap.get",
            "java/lang/Boolean.valueOf",
            "java/util/concurrent/CompletableFuture.complete",
            "java/lang/Class.getClass",
            "java/lang/Enum.ordinal",
            "java/lang/Enum.name",
            "java/lang/Integer.bitCount",
            "java/lang/Integer.compare",
            "java/lang/Integer.highestOneBit",
            "java/lang/Integer.numberOfLeadingZeros",
            "java/lang/Integer.numberOfTrailingZeros",
            "java/lang/Long.compare",
            "java/lang/Long.numberOfLeadingZeros",
            "java/lang/Long.numberOfTrailingZeros",
            "java/lang/Long.rotateLeft",
            "java/lang/Long.rotateRight",
            "java/lang/Long.hashCode",
            "java/lang/Long.longValue",
            "java/lang/String.isEmpty",
            "java/lang/String.length",
            "java/lang/System.arraycopy",
            "java/lang/System.identityHashCode",
            "java/lang/System.nanoTime",
            "java/lang/Thread.currentThread",
            "java/lang/Thread.getId",
            "java/lang/Thread.interrupt",
            "java/lang/Thread.interrupted",
            "java/lang/Thread.isAlive",
            "java/lang/Thread.isInterrupted",
            "java/lang/Thread.onSpinWait",
            "java/nio/Buffer.clear",
            "java/nio/Buffer.flip",
            "java/nio/Buffer.limit",
            "java/nio/Buffer.position",
            "java/nio/ByteBuffer.capacity",
            "java/nio/ByteBuffer.clear",
            "java/nio/ByteBuffer.flip",
            "java/nio/ByteBuffer.hasRemaining",
            "java/nio/ByteBuffer.isDirect",
            "java/nio/ByteBuffer.isReadOnly",
            "java/nio/ByteBuffer.limit",
            "java/nio/ByteBuffer.position",
            "java/nio/ByteBuffer.remaining",
            "java/time/Duration.isNegative",
            "java/util/ArrayDeque.isEmpty",
            "java/util/ArrayDeque.peek",
            "java/util/ArrayDeque.poll",
            "java/util/ArrayDeque.remove",
            "java/util/ArrayDeque.size",
            "java/util/ArrayList.get",
            "java/util/ArrayList.isEmpty",
            "java/util/ArrayList.remove",
            "java/util/ArrayList.size",
            "java/util/Arrays.fill",
            "java/util/Iterator.hasNext",
            "java/util/Iterator.next",
            "java/util/List.get",
            "java/util/List.isEmpty",
            "java/util/List.size",
            "java/util/Map.get",
            "java/util/Map.isEmpty",
            "java/util/Map.remove",
            "java/util/Map.size",
            "java/util/Set.isEmpty",
            "java/util/Set.remove",
            "java/util/Set.size",
            "java/util/concurrent/CompletableFuture.isCancelled",
            "java/util/concurrent/CompletableFuture.isDone",
            "java/util/concurrent/ConcurrentHashMap.get",
            "java/util/concurrent/ConcurrentHashMap.isEmpty",
            "java/util/concurrent/ConcurrentHashMap.remove",
            "java/util/concurrent/atomic/LongAdder.sum",
            "java/util/concurrent/locks/LockSupport.park",
            "java/util/concurrent/locks/LockSupport.parkNanos",
            "java/util/concurrent/locks/LockSupport.unpark");

    // A resource that is open and not returned is the platform's to close: as with a constructor, it fails or returns.
    private static final Set<String> OPENING = Set.of("java/nio/channels/FileChannel.open");

    private NonAllocating() {}

    static boolean opens(String owner, String name) {
        return OPENING.contains(owner + "." + name);
    }

    static boolean contains(String owner, String name) {
        return CLASSES.contains(owner) || METHODS.contains(owner + "." + name);
    }
}
