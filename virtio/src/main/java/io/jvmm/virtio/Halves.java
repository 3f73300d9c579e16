package io.jvmm.virtio;

/** 64 bits that a driver reads and writes 32 at a time. */
final class Halves {
  private static final long LOW = 0xffff_ffffL;

  private Halves() {}

  static int low(long word) {
    return (int) word;
  }

  static int high(long word) {
    return (int) (word >>> 32);
  }

  static long withLow(long word, int low) {
    return (word & ~LOW) | (low & LOW);
  }

  static long withHigh(long word, int high) {
    return (word & LOW) | ((long) high << 32);
  }
}
