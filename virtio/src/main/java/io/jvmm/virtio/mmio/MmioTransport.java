package io.jvmm.virtio.mmio;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.DriverHandshake;
import io.jvmm.virtio.Interrupt;
import io.jvmm.virtio.QueueField;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.VirtioTransport;
import io.jvmm.virtio.queue.QueueStats;
import org.jspecify.annotations.Nullable;

/**
 * One virtio device behind a page of registers, version 2 (virtio 1.2, 4.2). What the registers
 * mean together is {@link DriverHandshake}'s; an access in another size than le32, unaligned or
 * where there is no register is ignored, and reads as 0.
 *
 * <p>Threads: as {@link DriverHandshake} says.
 */
public final class MmioTransport implements VirtioTransport {
  private static final int MAGIC = 0x74726976; // "virt"
  private static final int VERSION_2 = 2;
  private static final int VENDOR = 0x6d6d766a; // "jvmm"
  private static final long LOW_WORD = 0xffff_ffffL;

  private final VirtioDevice device;
  private final MmioInterrupts interrupts;
  private final DriverHandshake handshake;

  /**
   * A device after power-on.
   *
   * @param doorbells one a queue of the device; they stay the caller's
   */
  public MmioTransport(
      VirtioDevice device, GuestMemory memory, Interrupt interrupt, Doorbell[] doorbells) {
    this.device = device;
    this.interrupts = new MmioInterrupts(interrupt);
    this.handshake = new DriverHandshake(device, memory, doorbells, interrupts);
  }

  @Override
  public VirtioDevice device() {
    return device;
  }

  @Override
  public @Nullable String problem() {
    return handshake.problem();
  }

  @Override
  public boolean hasDriver() {
    return handshake.hasDriver();
  }

  @Override
  public QueueStats queueStats(int index) {
    return handshake.queueStats(index);
  }

  @Override
  public void report(StatsSink sink) {
    handshake.report(sink);
  }

  /**
   * The guest reads.
   *
   * @param offset into the page
   * @param size 1, 2, 4 or 8 bytes
   */
  public long read(int offset, int size) {
    if (offset >= MmioRegister.CONFIG) {
      return device.readConfig(offset - MmioRegister.CONFIG, size);
    }
    return isRegisterAccess(offset, size) ? readRegister(offset) & LOW_WORD : 0;
  }

  private int readRegister(int offset) {
    return switch (offset) {
      case MmioRegister.INTERRUPT_STATUS -> interrupts.status();
      case MmioRegister.STATUS -> handshake.status();
      case MmioRegister.MAGIC_VALUE -> MAGIC;
      case MmioRegister.VERSION -> VERSION_2;
      case MmioRegister.DEVICE_ID -> device.deviceId();
      case MmioRegister.VENDOR_ID -> VENDOR;
      case MmioRegister.DEVICE_FEATURES -> handshake.deviceFeatures();
      case MmioRegister.QUEUE_NUM_MAX -> handshake.queueMaxSize();
      case MmioRegister.QUEUE_READY -> handshake.readQueue(QueueField.READY);
      case MmioRegister.QUEUE_RESET -> handshake.readQueue(QueueField.RESET);
      case MmioRegister.CONFIG_GENERATION -> device.configGeneration();
      case MmioRegister.SHM_LEN_LOW,
          MmioRegister.SHM_LEN_HIGH,
          MmioRegister.SHM_BASE_LOW,
          MmioRegister.SHM_BASE_HIGH ->
          -1;
      default -> 0;
    };
  }

  /**
   * The guest writes.
   *
   * @param offset into the page
   * @param size 1, 2, 4 or 8 bytes, the low ones of {@code value}
   */
  public void write(int offset, int size, long value) {
    if (offset >= MmioRegister.CONFIG) {
      handshake.writeConfig(offset - MmioRegister.CONFIG, size, value);
    } else if (isRegisterAccess(offset, size)) {
      writeRegister(offset, (int) value);
    }
  }

  private void writeRegister(int offset, int value) {
    switch (offset) {
      case MmioRegister.QUEUE_NOTIFY -> handshake.ring(value);
      case MmioRegister.INTERRUPT_ACK -> interrupts.acknowledge(value);
      case MmioRegister.STATUS -> handshake.writeStatus(value & 0xff);
      case MmioRegister.DEVICE_FEATURES_SEL -> handshake.selectDeviceFeatures(value);
      case MmioRegister.DRIVER_FEATURES_SEL -> handshake.selectDriverFeatures(value);
      case MmioRegister.DRIVER_FEATURES -> handshake.writeDriverFeatures(value);
      case MmioRegister.QUEUE_SEL -> handshake.selectQueue(value);
      case MmioRegister.QUEUE_NUM -> handshake.writeQueue(QueueField.SIZE, value);
      case MmioRegister.QUEUE_READY -> handshake.writeQueue(QueueField.READY, value);
      case MmioRegister.QUEUE_RESET -> handshake.writeQueue(QueueField.RESET, value);
      case MmioRegister.QUEUE_DESC_LOW -> handshake.writeQueue(QueueField.DESC_LOW, value);
      case MmioRegister.QUEUE_DESC_HIGH -> handshake.writeQueue(QueueField.DESC_HIGH, value);
      case MmioRegister.QUEUE_DRIVER_LOW -> handshake.writeQueue(QueueField.DRIVER_LOW, value);
      case MmioRegister.QUEUE_DRIVER_HIGH -> handshake.writeQueue(QueueField.DRIVER_HIGH, value);
      case MmioRegister.QUEUE_DEVICE_LOW -> handshake.writeQueue(QueueField.DEVICE_LOW, value);
      case MmioRegister.QUEUE_DEVICE_HIGH -> handshake.writeQueue(QueueField.DEVICE_HIGH, value);
      default -> {} // no register to write
    }
  }

  private static boolean isRegisterAccess(int offset, int size) {
    return size == Integer.BYTES && offset >= 0 && (offset & (Integer.BYTES - 1)) == 0;
  }

  /** Stops the device; a second call does nothing. */
  @Override
  public void close() {
    handshake.close();
  }
}
