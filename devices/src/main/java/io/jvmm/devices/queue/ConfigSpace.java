package io.jvmm.devices.queue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A device's configuration space as bytes, little-endian.
 *
 * <p>Threads: any reads; a field that changes is set by one at a time. A reader may see a field
 * half-way, which is what {@link io.jvmm.virtio.VirtioDevice#configGeneration} is for.
 */
public final class ConfigSpace {
  private final ByteBuffer bytes;

  /** Zeroes. */
  public ConfigSpace(int length) {
    bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Sets an le16. */
  public void setShort(int offset, int value) {
    bytes.putShort(offset, (short) value);
  }

  /** Sets an le32. */
  public void setInt(int offset, int value) {
    bytes.putInt(offset, value);
  }

  /** Sets an le64. */
  public void setLong(int offset, long value) {
    bytes.putLong(offset, value);
  }

  /**
   * Reads {@code size} bytes.
   *
   * @param offset not negative; beyond the end there are zeroes
   */
  public long read(int offset, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      int at = offset + i;
      value = value << 8 | (at < bytes.capacity() ? bytes.get(at) & 0xff : 0);
    }
    return value;
  }
}
