package io.jvmm.virtio;

/**
 * What a driver reads and writes of a queue, 32 bits at a time, whatever the transport calls it.
 */
public enum QueueField {
  /** Descriptors; before the driver has chosen, the most that the device takes. */
  SIZE,

  /** 1 where the driver uses the queue: {@code QueueReady}, {@code queue_enable}. */
  READY,

  /** 1 to reset the queue, then 0: {@code QueueReset}, {@code queue_reset}. */
  RESET,

  /** The descriptor table's address, bits 0 to 31. */
  DESC_LOW,

  /** Bits 32 to 63. */
  DESC_HIGH,

  /** The available ring's address, bits 0 to 31. */
  DRIVER_LOW,

  /** Bits 32 to 63. */
  DRIVER_HIGH,

  /** The used ring's address, bits 0 to 31. */
  DEVICE_LOW,

  /** Bits 32 to 63. */
  DEVICE_HIGH
}
