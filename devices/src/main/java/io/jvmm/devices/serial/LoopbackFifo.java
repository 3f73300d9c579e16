package io.jvmm.devices.serial;

/** The receiver FIFO in loopback mode, when it holds what the guest itself has sent. */
final class LoopbackFifo {
  private final byte[] bytes = new byte[Serial.FIFO_BYTES];
  private int first;
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Adds a byte; false, and the byte is lost, where {@code depth} are there. */
  boolean put(byte value, int depth) {
    if (size >= depth) {
      return false;
    }
    bytes[(first + size) % bytes.length] = value;
    size++;
    return true;
  }

  /** Takes the oldest; there must be one. */
  byte take() {
    byte value = bytes[first];
    first = (first + 1) % bytes.length;
    size--;
    return value;
  }

  void clear() {
    size = 0;
  }
}
