package io.jvmm.devices.pmem;

import io.jvmm.devices.queue.ConfigSpace;

/**
 * The configuration space (virtio 1.2, 5.19.4). Immutable.
 *
 * <pre>
 *  0  le64 start (guest physical)     8  le64 size (bytes)
 * </pre>
 */
final class PmemConfig {
  private static final int START = 0;
  private static final int SIZE = 8;
  private static final int LENGTH = 16;

  private final ConfigSpace space = new ConfigSpace(LENGTH);

  PmemConfig(long start, long size) {
    space.setLong(START, start);
    space.setLong(SIZE, size);
  }

  long read(int offset, int size) {
    return space.read(offset, size);
  }
}
