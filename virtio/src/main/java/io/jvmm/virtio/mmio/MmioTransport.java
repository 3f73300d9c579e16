package io.jvmm.virtio.mmio;

import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.DeviceStatus;
import io.jvmm.virtio.Doorbell;
import io.jvmm.virtio.Features;
import io.jvmm.virtio.Interrupt;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.queue.QueueConfig;
import io.jvmm.virtio.queue.QueueStats;
import io.jvmm.virtio.queue.SplitQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One virtio device behind a page of registers, version 2 (virtio 1.2, 4.2).
 *
 * <p>It holds the driver to the order of initialisation (3.1.1): features change only between
 * DRIVER and FEATURES_OK, queues only between FEATURES_OK and DRIVER_OK. What comes at another
 * time, in another size than le32, unaligned or where there is no register is ignored, and reads as
 * 0. Features that were not offered, or no VERSION_1, keep FEATURES_OK from being set. Queues that
 * cannot be served make DEVICE_NEEDS_RESET at DRIVER_OK.
 *
 * <p>Threads: vCPU threads read and write, several at once, under a short lock of their own. The
 * one wait is for a reset: a write of 0 to Status returns when the device's I/O thread has let go
 * of the queues, since drivers do not poll Status for it. The owner closes after all vCPUs have
 * stopped.
 */
public final class MmioTransport implements AutoCloseable {
  private static final int MAGIC = 0x74726976; // "virt"
  private static final int VERSION_2 = 2;
  private static final int VENDOR = 0x6d6d766a; // "jvmm"
  private static final long LOW_WORD = 0xffff_ffffL;

  private final VirtioDevice device;
  private final GuestMemory memory;
  private final Doorbell[] doorbells;
  private final MmioNotifier notifier;
  private final QueueConfig[] queues;
  private final QueueStats[] queueStats;

  private final ReentrantLock lock = new ReentrantLock(); // guards what follows
  private int deviceFeaturesSel;
  private int driverFeaturesSel;
  private long driverFeatures;
  private int queueSel;
  private boolean active;

  /**
   * A device after power-on.
   *
   * @param doorbells one a queue of the device; they stay the caller's
   */
  public MmioTransport(
      VirtioDevice device, GuestMemory memory, Interrupt interrupt, Doorbell[] doorbells) {
    if (doorbells.length != device.queueCount()) {
      throw new IllegalArgumentException(
          device.name() + ": " + doorbells.length + " doorbells for " + device.queueCount());
    }
    this.device = device;
    this.memory = memory;
    this.doorbells = doorbells.clone();
    this.notifier = new MmioNotifier(interrupt);
    this.queues = new QueueConfig[doorbells.length];
    this.queueStats = new QueueStats[queues.length];
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new QueueConfig(device.maxQueueSize(i));
      queueStats[i] = new QueueStats();
    }
  }

  /** The device behind it. */
  public VirtioDevice device() {
    return device;
  }

  /** What the driver last did wrong, for people, or null. */
  public @Nullable String problem() {
    return notifier.problem();
  }

  /** The counters of queue {@code index}. */
  public QueueStats queueStats(int index) {
    return queueStats[index];
  }

  /** Tells the device's counters, the queues', and the transport's own. */
  public void report(StatsSink sink) {
    device.report(sink);
    for (int i = 0; i < queueStats.length; i++) {
      queueStats[i].report(i, sink);
    }
    sink.count("needs_reset", notifier.needsResetCount());
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
    if (!isRegisterAccess(offset, size)) {
      return 0;
    }
    return switch (offset) {
      case MmioRegister.INTERRUPT_STATUS -> notifier.interruptStatus();
      case MmioRegister.STATUS -> notifier.status();
      case MmioRegister.MAGIC_VALUE -> MAGIC;
      case MmioRegister.VERSION -> VERSION_2;
      case MmioRegister.DEVICE_ID -> device.deviceId();
      case MmioRegister.VENDOR_ID -> VENDOR;
      case MmioRegister.CONFIG_GENERATION -> device.configGeneration() & LOW_WORD;
      case MmioRegister.SHM_LEN_LOW,
          MmioRegister.SHM_LEN_HIGH,
          MmioRegister.SHM_BASE_LOW,
          MmioRegister.SHM_BASE_HIGH ->
          LOW_WORD;
      default -> readLocked(offset) & LOW_WORD;
    };
  }

  private int readLocked(int offset) {
    lock.lock();
    try {
      QueueConfig queue = selectedQueue();
      return switch (offset) {
        case MmioRegister.DEVICE_FEATURES -> word(device.deviceFeatures(), deviceFeaturesSel);
        case MmioRegister.QUEUE_NUM_MAX -> queue == null ? 0 : queue.maxSize();
        case MmioRegister.QUEUE_READY -> queue != null && queue.isReady() ? 1 : 0;
        default -> 0;
      };
    } finally {
      lock.unlock();
    }
  }

  /**
   * The guest writes.
   *
   * @param offset into the page
   * @param size 1, 2, 4 or 8 bytes, the low ones of {@code value}
   */
  public void write(int offset, int size, long value) {
    if (offset >= MmioRegister.CONFIG) {
      if ((notifier.status() & DeviceStatus.DRIVER) != 0) {
        device.writeConfig(offset - MmioRegister.CONFIG, size, value);
      }
      return;
    }
    if (!isRegisterAccess(offset, size)) {
      return;
    }
    int word = (int) value;
    switch (offset) {
      case MmioRegister.QUEUE_NOTIFY -> ring(word);
      case MmioRegister.INTERRUPT_ACK -> notifier.acknowledge(word);
      default -> writeLocked(offset, word);
    }
  }

  private void writeLocked(int offset, int value) {
    lock.lock();
    try {
      switch (offset) {
        case MmioRegister.STATUS -> writeStatus(value & 0xff);
        case MmioRegister.DEVICE_FEATURES_SEL -> deviceFeaturesSel = value;
        case MmioRegister.DRIVER_FEATURES_SEL -> driverFeaturesSel = value;
        case MmioRegister.DRIVER_FEATURES -> writeDriverFeatures(value);
        case MmioRegister.QUEUE_SEL -> queueSel = value;
        default -> writeQueue(offset, value);
      }
    } finally {
      lock.unlock();
    }
  }

  private static boolean isRegisterAccess(int offset, int size) {
    return size == Integer.BYTES && offset >= 0 && (offset & (Integer.BYTES - 1)) == 0;
  }

  /** Where the machine has an ioeventfd, the kernel has done this already. */
  private void ring(int queue) {
    if (queue >= 0 && queue < doorbells.length) {
      doorbells[queue].event().signal(CallState.current()); // EAGAIN: it is signalled
    }
  }

  private @Nullable QueueConfig selectedQueue() {
    return queueSel >= 0 && queueSel < queues.length ? queues[queueSel] : null;
  }

  private static int word(long features, int selector) {
    return switch (selector) {
      case 0 -> (int) features;
      case 1 -> (int) (features >>> 32);
      default -> 0;
    };
  }

  private void writeDriverFeatures(int value) {
    int status = notifier.status();
    if ((status & DeviceStatus.DRIVER) == 0 || (status & DeviceStatus.FEATURES_OK) != 0) {
      return;
    }
    switch (driverFeaturesSel) {
      case 0 -> driverFeatures = (driverFeatures & ~LOW_WORD) | (value & LOW_WORD);
      case 1 -> driverFeatures = (driverFeatures & LOW_WORD) | ((long) value << 32);
      default -> {} // there are 64 features
    }
  }

  private void writeQueue(int offset, int value) {
    QueueConfig queue = selectedQueue();
    int status = notifier.status();
    if (queue == null
        || (status & DeviceStatus.FEATURES_OK) == 0
        || (status & DeviceStatus.DRIVER_OK) != 0) {
      return;
    }
    if (offset == MmioRegister.QUEUE_READY) {
      queue.setReady((value & 1) != 0);
      return;
    }
    if (queue.isReady()) {
      return; // 4.2.2.2: the driver changes no queue that is in use
    }
    switch (offset) {
      case MmioRegister.QUEUE_NUM -> queue.setSize(value);
      case MmioRegister.QUEUE_DESC_LOW -> queue.setDescGpa(withLow(queue.descGpa(), value));
      case MmioRegister.QUEUE_DESC_HIGH -> queue.setDescGpa(withHigh(queue.descGpa(), value));
      case MmioRegister.QUEUE_DRIVER_LOW -> queue.setAvailGpa(withLow(queue.availGpa(), value));
      case MmioRegister.QUEUE_DRIVER_HIGH -> queue.setAvailGpa(withHigh(queue.availGpa(), value));
      case MmioRegister.QUEUE_DEVICE_LOW -> queue.setUsedGpa(withLow(queue.usedGpa(), value));
      case MmioRegister.QUEUE_DEVICE_HIGH -> queue.setUsedGpa(withHigh(queue.usedGpa(), value));
      default -> {} // no register to write
    }
  }

  private static long withLow(long address, int low) {
    return (address & ~LOW_WORD) | (low & LOW_WORD);
  }

  private static long withHigh(long address, int high) {
    return (address & LOW_WORD) | ((long) high << 32);
  }

  /**
   * Bits are only added (2.1.1), each after those that come before it; with the first that may not
   * be set, the rest is ignored.
   */
  private void writeStatus(int value) {
    if (value == 0) {
      reset();
      return;
    }
    if ((value & DeviceStatus.FAILED) != 0) {
      notifier.setStatus(DeviceStatus.FAILED);
    }
    int held = notifier.status();
    if ((held & DeviceStatus.FAILED) != 0
        || (held & ~value & ~DeviceStatus.DEVICE_NEEDS_RESET) != 0) {
      return;
    }
    int added = value & ~held;
    if ((added & DeviceStatus.ACKNOWLEDGE) != 0) {
      notifier.setStatus(DeviceStatus.ACKNOWLEDGE);
    }
    if ((added & DeviceStatus.DRIVER) != 0 && has(DeviceStatus.ACKNOWLEDGE)) {
      notifier.setStatus(DeviceStatus.DRIVER);
    }
    if ((added & DeviceStatus.FEATURES_OK) != 0 && has(DeviceStatus.DRIVER) && agreeOnFeatures()) {
      notifier.setStatus(DeviceStatus.FEATURES_OK);
    }
    if ((added & DeviceStatus.DRIVER_OK) != 0 && has(DeviceStatus.FEATURES_OK)) {
      activate();
    }
  }

  private boolean has(int bit) {
    return (notifier.status() & bit) != 0;
  }

  private boolean agreeOnFeatures() {
    if (!Features.has(driverFeatures, Features.VIRTIO_F_VERSION_1)) {
      notifier.note("the driver does not know VIRTIO_F_VERSION_1");
      return false;
    }
    if ((driverFeatures & ~device.deviceFeatures()) != 0) {
      notifier.note("the driver accepted features that were not offered");
      return false;
    }
    return true;
  }

  private void activate() {
    notifier.setStatus(DeviceStatus.DRIVER_OK);
    @Nullable SplitQueue[] made = new SplitQueue[queues.length];
    for (int i = 0; i < queues.length; i++) {
      if (!queues[i].isReady()) {
        continue;
      }
      String problem = queues[i].problem(memory);
      if (problem != null) {
        notifier.needsReset(CallState.current(), problem);
        return;
      }
      made[i] = new SplitQueue(memory, queues[i], driverFeatures, queueStats[i]);
    }
    active = true;
    device.activate(new QueueSet(driverFeatures, memory, made, doorbells, notifier));
  }

  private void reset() {
    stop();
    for (QueueConfig queue : queues) {
      queue.reset();
    }
    deviceFeaturesSel = 0;
    driverFeaturesSel = 0;
    driverFeatures = 0;
    queueSel = 0;
    notifier.reset(); // last: a guest that reads 0 knows that all has stopped
  }

  private void stop() {
    if (active) {
      active = false;
      device.reset();
    }
  }

  /** Stops the device; a second call does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      stop();
    } finally {
      lock.unlock();
    }
  }
}
