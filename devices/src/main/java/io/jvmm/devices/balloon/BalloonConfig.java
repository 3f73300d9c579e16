package io.jvmm.devices.balloon;

import io.jvmm.virtio.Features;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the device offers, and its configuration space (virtio 1.2, 5.5.3 and 5.5.4).
 *
 * <pre>
 *  0  le32 num_pages (how large the host wants the balloon)
 *  4  le32 actual (how large it is, written by the driver)
 *  8  le32 free_page_hint_cmd_id, 12  le32 poison_val: not offered, zero
 * </pre>
 *
 * <p>Threads: any.
 */
final class BalloonConfig {
  static final long VIRTIO_BALLOON_F_STATS_VQ = 1L << 1;
  static final long VIRTIO_BALLOON_F_DEFLATE_ON_OOM = 1L << 2;
  static final long VIRTIO_BALLOON_F_REPORTING = 1L << 5;

  static final long FEATURES =
      Features.VIRTIO_F_VERSION_1
          | Features.SPLIT_RING
          | VIRTIO_BALLOON_F_STATS_VQ
          | VIRTIO_BALLOON_F_DEFLATE_ON_OOM
          | VIRTIO_BALLOON_F_REPORTING;

  /** The unit of every number here is 4 KiB, whatever the guest's pages are (5.5.6). */
  static final int PAGE_SHIFT = 12;

  private static final int ACTUAL = 4;

  private volatile int numPages;
  private volatile int actual;
  private final AtomicInteger generation = new AtomicInteger();

  /** In pages, at most 2^32 - 1. */
  void setTarget(long pages) {
    numPages = (int) pages;
    generation.incrementAndGet();
  }

  long target() {
    return Integer.toUnsignedLong(numPages);
  }

  /** In pages, as the driver says: any number. */
  long actual() {
    return Integer.toUnsignedLong(actual);
  }

  int generation() {
    return generation.get();
  }

  long read(int offset, int size) {
    if (offset >= Long.BYTES) {
      return 0;
    }
    long words = target() | actual() << Integer.SIZE;
    long value = words >>> (offset * Byte.SIZE);
    return size == Long.BYTES ? value : value & ((1L << (size * Byte.SIZE)) - 1);
  }

  /** The driver writes {@code actual}, and nothing else. */
  void write(int offset, int size, long value) {
    if (offset == ACTUAL && size == Integer.BYTES) {
      actual = (int) value;
    }
  }

  /** After a reset the balloon is empty. */
  void forgetActual() {
    actual = 0;
  }
}
