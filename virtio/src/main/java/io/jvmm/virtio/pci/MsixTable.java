package io.jvmm.virtio.pci;

import io.jvmm.host.CallState;
import io.jvmm.virtio.MessageInterrupt;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The MSI-X table and pending bits of one function (PCI Local Bus 3.0, 6.8.2): a message for each
 * vector. A vector that is raised while it is masked is raised when it is unmasked.
 *
 * <p>The host hears of a message when its vector is unmasked, not with each half that a driver
 * writes of it.
 *
 * <p>Threads: vCPU threads read and write, under a lock; any thread raises, without one: whether a
 * vector is masked and whether it is pending change together, in one atomic word.
 */
final class MsixTable {
  static final int ENTRY_SIZE = 16;

  private static final int WORDS = ENTRY_SIZE / Integer.BYTES;
  private static final int ADDRESS_LOW = 0;
  private static final int ADDRESS_HIGH = 1;
  private static final int DATA = 2;
  private static final int CONTROL = 3;
  private static final int CONTROL_MASK = 1;

  // Bits of a vector's state. Masked means that it must not be raised now, for whatever reason.
  private static final int MASKED = 1;
  private static final int PENDING = 2;

  private static final long LOW_WORD = 0xffff_ffffL;

  private final MessageInterrupt[] vectors;
  private final AtomicIntegerArray states;
  private volatile boolean enabled;

  private final ReentrantLock lock = new ReentrantLock(); // guards what follows
  private final int[] table;
  private final long[] routedAddress;
  private final int[] routedData;
  private final boolean[] isRouted;
  private boolean functionMasked;

  MsixTable(MessageInterrupt[] vectors) {
    this.vectors = vectors.clone();
    this.states = new AtomicIntegerArray(vectors.length);
    this.table = new int[vectors.length * WORDS];
    this.routedAddress = new long[vectors.length];
    this.routedData = new int[vectors.length];
    this.isRouted = new boolean[vectors.length];
    for (int i = 0; i < vectors.length; i++) {
      states.set(i, MASKED);
      table[i * WORDS + CONTROL] = CONTROL_MASK;
    }
  }

  int vectorCount() {
    return vectors.length;
  }

  /** Hot: whether the driver has turned MSI-X on. */
  boolean isEnabled() {
    return enabled;
  }

  /** Hot: raises vector {@code index}, or makes it pending. */
  void raise(CallState state, int index) {
    while (true) {
      int now = states.get(index);
      if ((now & MASKED) == 0) {
        vectors[index].raise(state);
        return;
      }
      if (states.compareAndSet(index, now, now | PENDING)) {
        return;
      }
    }
  }

  /** The driver has written the capability's Message Control. */
  void control(boolean enable, boolean maskAll) {
    lock.lock();
    try {
      enabled = enable;
      functionMasked = maskAll;
      for (int i = 0; i < vectors.length; i++) {
        update(i);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Reads the table; aligned words of 4 and 8 bytes. */
  long readTable(int offset, int size) {
    if (!isAccess(offset, size)) {
      return 0;
    }
    lock.lock();
    try {
      long value = word(offset) & LOW_WORD;
      return size == Integer.BYTES ? value : value | (long) word(offset + Integer.BYTES) << 32;
    } finally {
      lock.unlock();
    }
  }

  private int word(int offset) {
    int index = offset / Integer.BYTES;
    return index < table.length ? table[index] : 0;
  }

  /** Writes the table; aligned words of 4 and 8 bytes, all else is ignored. */
  void writeTable(int offset, int size, long value) {
    if (!isAccess(offset, size)) {
      return;
    }
    lock.lock();
    try {
      setWord(offset, (int) value);
      if (size == Long.BYTES) {
        setWord(offset + Integer.BYTES, (int) (value >>> 32));
      }
      int vector = offset / ENTRY_SIZE;
      if (vector < vectors.length) {
        update(vector);
      }
    } finally {
      lock.unlock();
    }
  }

  private void setWord(int offset, int value) {
    int index = offset / Integer.BYTES;
    if (index < table.length) {
      table[index] = index % WORDS == CONTROL ? value & CONTROL_MASK : value;
    }
  }

  /** Reads the pending bits; aligned words of 4 and 8 bytes. */
  long readPending(int offset, int size) {
    if (!isAccess(offset, size)) {
      return 0;
    }
    long bits = 0;
    for (int i = 0; i < Byte.SIZE * size; i++) {
      int vector = Byte.SIZE * offset + i;
      if (vector < vectors.length && (states.get(vector) & PENDING) != 0) {
        bits |= 1L << i;
      }
    }
    return bits;
  }

  private static boolean isAccess(int offset, int size) {
    return (size == Integer.BYTES || size == Long.BYTES) && (offset & (size - 1)) == 0;
  }

  private void update(int vector) {
    boolean masked =
        !enabled || functionMasked || (table[vector * WORDS + CONTROL] & CONTROL_MASK) != 0;
    if (masked) {
      mask(vector);
    } else {
      route(vector); // before it can be raised
      unmask(vector);
    }
  }

  private void mask(int vector) {
    int now;
    do {
      now = states.get(vector);
    } while (!states.compareAndSet(vector, now, now | MASKED));
  }

  private void unmask(int vector) {
    if ((states.getAndSet(vector, 0) & PENDING) != 0) {
      vectors[vector].raise(CallState.current());
    }
  }

  private void route(int vector) {
    int entry = vector * WORDS;
    long address =
        (table[entry + ADDRESS_LOW] & LOW_WORD) | (long) table[entry + ADDRESS_HIGH] << 32;
    int data = table[entry + DATA];
    if (isRouted[vector] && address == routedAddress[vector] && data == routedData[vector]) {
      return;
    }
    isRouted[vector] = true;
    routedAddress[vector] = address;
    routedData[vector] = data;
    vectors[vector].route(address, data);
  }
}
