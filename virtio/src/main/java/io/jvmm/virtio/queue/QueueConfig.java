package io.jvmm.virtio.queue;

import io.jvmm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * What the driver has programmed for one queue; hostile until {@link #problem} has found nothing.
 *
 * <p>Threads: guarded by the lock of the transport that owns it.
 */
public final class QueueConfig {
  private final int maxSize;
  private int size;
  private boolean ready;
  private long descGpa;
  private long availGpa;
  private long usedGpa;

  /**
   * As after a reset.
   *
   * @param maxSize the device's limit, a power of two
   */
  public QueueConfig(int maxSize) {
    if (!VirtqLayout.isQueueSize(maxSize)) {
      throw new IllegalArgumentException("queue size " + maxSize);
    }
    this.maxSize = maxSize;
    this.size = maxSize;
  }

  /** Forgets what the driver has programmed. */
  public void reset() {
    size = maxSize;
    ready = false;
    descGpa = 0;
    availGpa = 0;
    usedGpa = 0;
  }

  /** The device's limit. */
  public int maxSize() {
    return maxSize;
  }

  /** Descriptors, as the driver chose. */
  public int size() {
    return size;
  }

  /** Any value; {@link #problem} judges. */
  public void setSize(int size) {
    this.size = size;
  }

  /** Whether the driver uses the queue. */
  public boolean isReady() {
    return ready;
  }

  /** The driver uses the queue, or no longer. */
  public void setReady(boolean ready) {
    this.ready = ready;
  }

  /** Descriptor table. */
  public long descGpa() {
    return descGpa;
  }

  /** Any value; {@link #problem} judges. */
  public void setDescGpa(long gpa) {
    descGpa = gpa;
  }

  /** Available ring, the spec's driver area. */
  public long availGpa() {
    return availGpa;
  }

  /** Any value; {@link #problem} judges. */
  public void setAvailGpa(long gpa) {
    availGpa = gpa;
  }

  /** Used ring, the spec's device area. */
  public long usedGpa() {
    return usedGpa;
  }

  /** Any value; {@link #problem} judges. */
  public void setUsedGpa(long gpa) {
    usedGpa = gpa;
  }

  /**
   * Why no queue can be made of this, or null where one can: a power of two within the limit, each
   * part aligned (virtio 1.2, 2.7) and wholly in RAM.
   */
  public @Nullable String problem(GuestMemory memory) {
    if (!VirtqLayout.isQueueSize(size) || size > maxSize) {
      return "queue size is no power of two up to the device's limit";
    }
    if ((descGpa & (VirtqLayout.DESC_ALIGNMENT - 1)) != 0
        || (availGpa & (VirtqLayout.AVAIL_ALIGNMENT - 1)) != 0
        || (usedGpa & (VirtqLayout.USED_ALIGNMENT - 1)) != 0) {
      return "a part of the queue is not aligned";
    }
    if (!isRam(memory, descGpa, VirtqLayout.descTableLength(size))
        || !isRam(memory, availGpa, VirtqLayout.availLength(size))
        || !isRam(memory, usedGpa, VirtqLayout.usedLength(size))) {
      return "a part of the queue is not in guest RAM";
    }
    return null;
  }

  private static boolean isRam(GuestMemory memory, long gpa, long length) {
    return memory.translate(gpa, length) != GuestMemory.UNMAPPED;
  }
}
