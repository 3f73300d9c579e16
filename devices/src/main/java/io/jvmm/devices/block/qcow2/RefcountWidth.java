package io.jvmm.devices.block.qcow2;

import static io.jvmm.devices.block.qcow2.BigEndian.BE16;
import static io.jvmm.devices.block.qcow2.BigEndian.BE32;
import static io.jvmm.devices.block.qcow2.BigEndian.BE64;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How an image writes a refcount: in {@code 1 << order} bits, from one to 64. Those that are parts
 * of a byte begin with its lowest bits. Immutable.
 */
final class RefcountWidth {
  private final int order;

  RefcountWidth(int order) {
    this.order = order;
  }

  /** So many bits have this many refcounts. */
  long bits(long count) {
    return count << order;
  }

  /**
   * Reads one; those above 2^63 as the largest.
   *
   * @param position of the table in {@code data}, in bytes
   * @param bits where in the table, in bits
   */
  long get(MemorySegment data, long position, long bits) {
    long at = position + (bits >>> 3);
    return switch (order) {
      case 3 -> data.get(ValueLayout.JAVA_BYTE, at) & 0xff;
      case 4 -> data.get(BE16, at) & 0xffff;
      case 5 -> data.get(BE32, at) & 0xffff_ffffL;
      case 6 -> {
        long value = data.get(BE64, at);
        yield value < 0 ? Long.MAX_VALUE : value;
      }
      default -> (data.get(ValueLayout.JAVA_BYTE, at) >> (bits & 7)) & partMask();
    };
  }

  /** Writes one, as {@link #get} reads it. */
  void put(MemorySegment data, long position, long bits, long value) {
    long at = position + (bits >>> 3);
    switch (order) {
      case 3 -> data.set(ValueLayout.JAVA_BYTE, at, (byte) value);
      case 4 -> data.set(BE16, at, (short) value);
      case 5 -> data.set(BE32, at, (int) value);
      case 6 -> data.set(BE64, at, value);
      default -> {
        int shift = (int) (bits & 7);
        int others = data.get(ValueLayout.JAVA_BYTE, at) & ~(partMask() << shift);
        data.set(ValueLayout.JAVA_BYTE, at, (byte) (others | (int) value << shift));
      }
    }
  }

  /** Of those that are parts of a byte. */
  private int partMask() {
    return (1 << (1 << order)) - 1;
  }
}
