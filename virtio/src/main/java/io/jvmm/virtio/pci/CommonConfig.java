package io.jvmm.virtio.pci;

import io.jvmm.virtio.DriverHandshake;
import io.jvmm.virtio.QueueField;

/**
 * The common configuration (virtio 1.2, 4.1.4.3): what its fields mean together is {@link
 * DriverHandshake}'s. A field is accessed in its own width, one of 64 bits as two of 32 (4.1.3.1);
 * any other access is ignored, and reads as 0.
 */
final class CommonConfig {
  /** Bytes of all fields, {@code queue_reset} the last. */
  static final int SIZE = 0x3c;

  private static final int DEVICE_FEATURE_SELECT = 0x00; // le32, as the three after it
  private static final int DEVICE_FEATURE = 0x04;
  private static final int DRIVER_FEATURE_SELECT = 0x08;
  private static final int DRIVER_FEATURE = 0x0c;
  private static final int CONFIG_MSIX_VECTOR = 0x10; // le16
  private static final int NUM_QUEUES = 0x12; // le16
  private static final int DEVICE_STATUS = 0x14; // u8
  private static final int CONFIG_GENERATION = 0x15; // u8
  private static final int QUEUE_SELECT = 0x16; // le16, as the four after it
  private static final int QUEUE_SIZE = 0x18;
  private static final int QUEUE_MSIX_VECTOR = 0x1a;
  private static final int QUEUE_ENABLE = 0x1c;
  private static final int QUEUE_NOTIFY_OFF = 0x1e;
  private static final int QUEUE_DESC = 0x20; // le64, as the two after it
  private static final int QUEUE_DRIVER = 0x28;
  private static final int QUEUE_DEVICE = 0x30;
  private static final int QUEUE_RESET = 0x3a; // le16, after queue_notify_data
  private static final int HIGH = Integer.BYTES;

  private static final int MASK_16 = 0xffff;

  private final DriverHandshake handshake;
  private final PciInterrupts interrupts;

  CommonConfig(DriverHandshake handshake, PciInterrupts interrupts) {
    this.handshake = handshake;
    this.interrupts = interrupts;
  }

  long read(int offset, int size) {
    return switch (size) {
      case Byte.BYTES -> read8(offset) & 0xffL;
      case Short.BYTES -> read16(offset) & MASK_16;
      case Integer.BYTES -> read32(offset) & 0xffff_ffffL;
      default -> 0;
    };
  }

  private int read8(int offset) {
    return switch (offset) {
      case DEVICE_STATUS -> handshake.status();
      case CONFIG_GENERATION -> handshake.device().configGeneration();
      default -> 0;
    };
  }

  private int read16(int offset) {
    return switch (offset) {
      case CONFIG_MSIX_VECTOR -> interrupts.configVector();
      case NUM_QUEUES -> handshake.device().queueCount();
      case QUEUE_SELECT -> handshake.queueSelector();
      case QUEUE_SIZE -> handshake.readQueue(QueueField.SIZE);
      case QUEUE_MSIX_VECTOR -> interrupts.queueVector(handshake.queueSelector());
      case QUEUE_ENABLE -> handshake.readQueue(QueueField.READY);
      case QUEUE_RESET -> handshake.readQueue(QueueField.RESET);
      case QUEUE_NOTIFY_OFF -> handshake.queueMaxSize() == 0 ? 0 : handshake.queueSelector();
      default -> 0;
    };
  }

  private int read32(int offset) {
    return switch (offset) {
      case DEVICE_FEATURE_SELECT -> handshake.deviceFeaturesSelector();
      case DEVICE_FEATURE -> handshake.deviceFeatures();
      case DRIVER_FEATURE_SELECT -> handshake.driverFeaturesSelector();
      case DRIVER_FEATURE -> handshake.driverFeatures();
      case QUEUE_DESC -> handshake.readQueue(QueueField.DESC_LOW);
      case QUEUE_DESC + HIGH -> handshake.readQueue(QueueField.DESC_HIGH);
      case QUEUE_DRIVER -> handshake.readQueue(QueueField.DRIVER_LOW);
      case QUEUE_DRIVER + HIGH -> handshake.readQueue(QueueField.DRIVER_HIGH);
      case QUEUE_DEVICE -> handshake.readQueue(QueueField.DEVICE_LOW);
      case QUEUE_DEVICE + HIGH -> handshake.readQueue(QueueField.DEVICE_HIGH);
      default -> 0;
    };
  }

  void write(int offset, int size, long value) {
    switch (size) {
      case Byte.BYTES -> {
        if (offset == DEVICE_STATUS) {
          handshake.writeStatus((int) value & 0xff);
        }
      }
      case Short.BYTES -> write16(offset, (int) value & MASK_16);
      case Integer.BYTES -> write32(offset, (int) value);
      default -> {} // no field is as wide
    }
  }

  private void write16(int offset, int value) {
    switch (offset) {
      case CONFIG_MSIX_VECTOR -> interrupts.setConfigVector(value);
      case QUEUE_SELECT -> handshake.selectQueue(value);
      case QUEUE_SIZE -> handshake.writeQueue(QueueField.SIZE, value);
      case QUEUE_MSIX_VECTOR -> interrupts.setQueueVector(handshake.queueSelector(), value);
      case QUEUE_ENABLE -> handshake.writeQueue(QueueField.READY, value);
      case QUEUE_RESET -> handshake.writeQueue(QueueField.RESET, value);
      default -> {} // nothing to write
    }
  }

  private void write32(int offset, int value) {
    switch (offset) {
      case DEVICE_FEATURE_SELECT -> handshake.selectDeviceFeatures(value);
      case DRIVER_FEATURE_SELECT -> handshake.selectDriverFeatures(value);
      case DRIVER_FEATURE -> handshake.writeDriverFeatures(value);
      case QUEUE_DESC -> handshake.writeQueue(QueueField.DESC_LOW, value);
      case QUEUE_DESC + HIGH -> handshake.writeQueue(QueueField.DESC_HIGH, value);
      case QUEUE_DRIVER -> handshake.writeQueue(QueueField.DRIVER_LOW, value);
      case QUEUE_DRIVER + HIGH -> handshake.writeQueue(QueueField.DRIVER_HIGH, value);
      case QUEUE_DEVICE -> handshake.writeQueue(QueueField.DEVICE_LOW, value);
      case QUEUE_DEVICE + HIGH -> handshake.writeQueue(QueueField.DEVICE_HIGH, value);
      default -> {} // nothing to write
    }
  }
}
