package io.jvmm.virtio;

/** Bits of the device status field (virtio 1.2, 2.1). */
public final class DeviceStatus {
  /** The guest has noticed the device. */
  public static final int ACKNOWLEDGE = 1;

  /** The guest knows how to drive it. */
  public static final int DRIVER = 2;

  /** The driver is ready: the device lives. */
  public static final int DRIVER_OK = 4;

  /** The driver has understood all features it needs, and the device agrees. */
  public static final int FEATURES_OK = 8;

  /** The device has met something it cannot recover from. */
  public static final int DEVICE_NEEDS_RESET = 64;

  /** The driver has given up. */
  public static final int FAILED = 128;

  private DeviceStatus() {}
}
