package io.jvmm.virtio.pci;

import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.DriverHandshake;
import io.jvmm.virtio.MessageInterrupt;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.VirtioTransport;
import io.jvmm.virtio.queue.QueueStats;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One virtio device as a PCI function (virtio 1.2, 4.1): a page of configuration space and one BAR,
 * laid out as {@link PciBar} says. What the registers mean together is {@link DriverHandshake}'s.
 *
 * <p>The BAR answers where memory space is enabled; Bus Master is kept and has no meaning here.
 *
 * <p>Threads: vCPU threads read and write, several at once; otherwise as {@link DriverHandshake}
 * says.
 */
public final class PciTransport implements VirtioTransport {
  private final VirtioDevice device;
  private final MsixTable msix;
  private final PciInterrupts interrupts;
  private final DriverHandshake handshake;
  private final CommonConfig common;
  private final PciConfigSpace config;
  private final Runnable windowOpened;

  private final ReentrantLock configLock = new ReentrantLock(); // guards writes to config

  /**
   * A device after power-on.
   *
   * @param vectors one a queue and one more; they stay the caller's
   * @param doorbells one a queue of the device; they stay the caller's
   * @param configPage {@link PciConfigSpace#PAGE_SIZE} bytes, all zero, for the configuration space
   * @param barAddress below 4 GiB, a multiple of {@link PciBar#SIZE}
   * @param windowOpened called when the driver begins to reach into the BAR by way of the
   *     configuration space: from then on, reading that space has to come here
   */
  public PciTransport(
      VirtioDevice device,
      GuestMemory memory,
      MessageInterrupt[] vectors,
      Doorbell[] doorbells,
      MemorySegment configPage,
      int barAddress,
      Runnable windowOpened) {
    if (vectors.length != device.queueCount() + 1 || device.queueCount() > PciBar.QUEUES_MAX) {
      throw new IllegalArgumentException(
          device.name() + ": " + vectors.length + " vectors for " + device.queueCount());
    }
    this.device = device;
    this.msix = new MsixTable(vectors);
    this.interrupts = new PciInterrupts(msix, device.queueCount());
    this.handshake = new DriverHandshake(device, memory, doorbells, interrupts);
    this.common = new CommonConfig(handshake, interrupts);
    this.config = VirtioFunction.configSpace(device, configPage, barAddress);
    this.windowOpened = windowOpened;
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
   * The guest reads the BAR.
   *
   * @param offset into it
   * @param size 1, 2, 4 or 8 bytes
   */
  public long readBar(int offset, int size) {
    return config.isMemoryEnabled() ? read(offset, size) : -1;
  }

  private long read(int offset, int size) {
    int at = offset & (PciBar.PART_SIZE - 1);
    return switch (offset - at) {
      case PciBar.COMMON -> common.read(at, size);
      case PciBar.ISR -> at == 0 && size == Byte.BYTES ? interrupts.takeIsr() : 0;
      case PciBar.DEVICE -> device.readConfig(at, size);
      case PciBar.MSIX_TABLE -> msix.readTable(at, size);
      case PciBar.MSIX_PENDING -> msix.readPending(at, size);
      default -> 0;
    };
  }

  /**
   * The guest writes the BAR.
   *
   * @param offset into it
   * @param size 1, 2, 4 or 8 bytes, the low ones of {@code value}
   */
  public void writeBar(int offset, int size, long value) {
    if (config.isMemoryEnabled()) {
      write(offset, size, value);
    }
  }

  private void write(int offset, int size, long value) {
    int at = offset & (PciBar.PART_SIZE - 1);
    switch (offset - at) {
      case PciBar.COMMON -> common.write(at, size, value);
      case PciBar.DEVICE -> handshake.writeConfig(at, size, value);
      case PciBar.NOTIFY -> ring(at);
      case PciBar.MSIX_TABLE -> msix.writeTable(at, size, value);
      default -> {} // nothing to write
    }
  }

  /** Where the machine has an ioeventfd, the kernel has done this already. */
  private void ring(int at) {
    if (at % PciBar.NOTIFY_MULTIPLIER == 0) {
      handshake.ring(at / PciBar.NOTIFY_MULTIPLIER);
    }
  }

  /**
   * The guest reads the configuration space.
   *
   * @param size 1, 2, 4 or 8 bytes, at any offset
   */
  public long readConfig(int offset, int size) {
    return offset == VirtioFunction.WINDOW_DATA && isThroughWindow(size)
        ? read(config.get32(VirtioFunction.WINDOW_OFFSET), size)
        : config.read(offset, size);
  }

  /**
   * The guest writes the configuration space.
   *
   * @param size 1, 2, 4 or 8 bytes, at any offset
   */
  public void writeConfig(int offset, int size, long value) {
    configLock.lock();
    try {
      config.write(offset, size, value);
      if (touches(offset, size, VirtioFunction.MSIX_CONTROL, Short.BYTES)) {
        int control = config.get16(VirtioFunction.MSIX_CONTROL);
        msix.control(
            (control & VirtioFunction.MSIX_ENABLE) != 0,
            (control & VirtioFunction.MSIX_MASK_ALL) != 0);
      }
      if (touches(offset, size, VirtioFunction.WINDOW, VirtioFunction.WINDOW_SIZE)) {
        windowOpened.run();
      }
    } finally {
      configLock.unlock();
    }
    if (offset == VirtioFunction.WINDOW_DATA && isThroughWindow(size)) {
      write(config.get32(VirtioFunction.WINDOW_OFFSET), size, value);
    }
  }

  /** 4.1.4.9.2: the driver accesses as many bytes as it has set, aligned to so many. */
  private boolean isThroughWindow(int size) {
    int at = config.get32(VirtioFunction.WINDOW_OFFSET);
    return config.get32(VirtioFunction.WINDOW_LENGTH) == size
        && (config.get32(VirtioFunction.WINDOW_BAR) & 0xff) == 0
        && size <= Integer.BYTES
        && at >= 0
        && at <= PciBar.SIZE - size
        && at % size == 0;
  }

  private static boolean touches(int offset, int size, int from, int length) {
    return offset < from + length && offset + size > from;
  }

  /** Stops the device; a second call does nothing. */
  @Override
  public void close() {
    handshake.close();
  }
}
