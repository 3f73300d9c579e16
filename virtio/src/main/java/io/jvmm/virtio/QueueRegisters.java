package io.jvmm.virtio;

import io.jvmm.virtio.queue.QueueConfig;

/** A {@link QueueConfig} as the driver sees it: registers of 32 bits. */
final class QueueRegisters {
  private QueueRegisters() {}

  static int read(QueueConfig queue, QueueField field) {
    return switch (field) {
      case SIZE -> queue.size();
      case READY -> queue.isReady() ? 1 : 0;
      case RESET -> 0; // done when the handshake's lock is free
      case DESC_LOW -> Halves.low(queue.descGpa());
      case DESC_HIGH -> Halves.high(queue.descGpa());
      case DRIVER_LOW -> Halves.low(queue.availGpa());
      case DRIVER_HIGH -> Halves.high(queue.availGpa());
      case DEVICE_LOW -> Halves.low(queue.usedGpa());
      case DEVICE_HIGH -> Halves.high(queue.usedGpa());
    };
  }

  /** Writes sizes and addresses; READY and RESET are the handshake's. */
  static void write(QueueConfig queue, QueueField field, int value) {
    switch (field) {
      case SIZE -> queue.setSize(value);
      case READY, RESET -> {} // not here
      case DESC_LOW -> queue.setDescGpa(Halves.withLow(queue.descGpa(), value));
      case DESC_HIGH -> queue.setDescGpa(Halves.withHigh(queue.descGpa(), value));
      case DRIVER_LOW -> queue.setAvailGpa(Halves.withLow(queue.availGpa(), value));
      case DRIVER_HIGH -> queue.setAvailGpa(Halves.withHigh(queue.availGpa(), value));
      case DEVICE_LOW -> queue.setUsedGpa(Halves.withLow(queue.usedGpa(), value));
      case DEVICE_HIGH -> queue.setUsedGpa(Halves.withHigh(queue.usedGpa(), value));
    }
  }
}
