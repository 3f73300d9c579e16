package io.jvmm.virtio;

import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.QueueConfig;
import io.jvmm.virtio.queue.QueueStats;
import io.jvmm.virtio.queue.SplitQueue;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What driver and device agree on before and while the device lives: status, features, queues. The
 * same for every transport, which is but the registers in front of it.
 *
 * <p>It holds the driver to the order of initialisation (virtio 1.2, 3.1.1): features change only
 * between DRIVER and FEATURES_OK, queues only between FEATURES_OK and DRIVER_OK, or after they were
 * reset one by one (2.6.1); what comes at another time is ignored. Features that were not offered,
 * or no VERSION_1, keep FEATURES_OK from being set. Queues that cannot be served make
 * DEVICE_NEEDS_RESET at DRIVER_OK.
 *
 * <p>Threads: vCPU threads call, several at once, under a short lock of its own. The one wait is
 * for a reset, of the device or of one queue: the write returns when the device's I/O thread has
 * let go of the queues, since not all drivers poll for it. The status is atomic, so that I/O
 * threads take no lock. The owner closes after all vCPUs have stopped.
 */
public final class DriverHandshake implements AutoCloseable {
  private final VirtioDevice device;
  private final GuestMemory memory;
  private final Doorbell[] doorbells;
  private final TransportInterrupts interrupts;
  private final QueueConfig[] queues;
  private final QueueStats[] queueStats;
  private final Notifier notifier = new Notifier();

  // Both sides touch these.
  private final AtomicInteger status = new AtomicInteger();
  private final AtomicInteger needsResetCount = new AtomicInteger();
  private volatile @Nullable String problem;

  // As the selectors of features.
  private volatile int queueSelector;

  private final ReentrantLock lock = new ReentrantLock(); // guards what follows, and the queues
  private final FeatureNegotiation features;
  private boolean active;
  private final boolean[] wasReset; // on its own, and not made ready again

  /**
   * A device after power-on.
   *
   * @param doorbells one a queue of the device; they stay the caller's
   */
  public DriverHandshake(
      VirtioDevice device,
      GuestMemory memory,
      Doorbell[] doorbells,
      TransportInterrupts interrupts) {
    if (doorbells.length != device.queueCount()) {
      throw new IllegalArgumentException(
          device.name() + ": " + doorbells.length + " doorbells for " + device.queueCount());
    }
    this.device = device;
    this.features = new FeatureNegotiation(device);
    this.memory = memory;
    this.doorbells = doorbells.clone();
    this.interrupts = interrupts;
    this.queues = new QueueConfig[doorbells.length];
    this.queueStats = new QueueStats[queues.length];
    this.wasReset = new boolean[queues.length];
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new QueueConfig(device.maxQueueSize(i));
      queueStats[i] = new QueueStats();
    }
  }

  /** The device. */
  public VirtioDevice device() {
    return device;
  }

  /** What the driver last did wrong, for people, or null. */
  public @Nullable String problem() {
    return problem;
  }

  /** The counters of queue {@code index}. */
  public QueueStats queueStats(int index) {
    return queueStats[index];
  }

  /** Tells the device's counters, the queues', and those kept here. */
  public void report(StatsSink sink) {
    device.report(sink);
    for (int i = 0; i < queueStats.length; i++) {
      queueStats[i].report(sink.queue(i));
    }
    sink.count("needs_reset", needsResetCount.get());
  }

  /** Hot: the device status, {@link DeviceStatus}. */
  public int status() {
    return status.get();
  }

  /** Whether a driver has taken charge of the device. */
  public boolean hasDriver() {
    return has(DeviceStatus.DRIVER);
  }

  /** Which 32 features {@link #deviceFeatures} answers. */
  public void selectDeviceFeatures(int selector) {
    features.selectOffered(selector);
  }

  /** What was last selected. */
  public int deviceFeaturesSelector() {
    return features.offeredSelector();
  }

  /** 32 of the features that the device offers. */
  public int deviceFeatures() {
    return features.offered();
  }

  /** Which 32 features {@link #writeDriverFeatures} means. */
  public void selectDriverFeatures(int selector) {
    features.selectAccepted(selector);
  }

  /** What was last selected. */
  public int driverFeaturesSelector() {
    return features.acceptedSelector();
  }

  /** 32 of the features that the driver has written. */
  public int driverFeatures() {
    lock.lock();
    try {
      return features.accepted();
    } finally {
      lock.unlock();
    }
  }

  /** The driver accepts some of the 32 features that it selected. */
  public void writeDriverFeatures(int value) {
    lock.lock();
    try {
      if (has(DeviceStatus.DRIVER) && !has(DeviceStatus.FEATURES_OK)) {
        features.accept(value);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Which queue is meant from now on; any number. */
  public void selectQueue(int index) {
    queueSelector = index;
  }

  /** What was last selected, whether or not there is such a queue. */
  public int queueSelector() {
    return queueSelector;
  }

  /** The most descriptors that the selected queue can have; 0 where there is no such queue. */
  public int queueMaxSize() {
    lock.lock();
    try {
      QueueConfig queue = selectedQueue();
      return queue == null ? 0 : queue.maxSize();
    } finally {
      lock.unlock();
    }
  }

  /** Reads of the selected queue; 0 where there is no such queue. */
  public int readQueue(QueueField field) {
    lock.lock();
    try {
      QueueConfig queue = selectedQueue();
      return queue == null ? 0 : QueueRegisters.read(queue, field);
    } finally {
      lock.unlock();
    }
  }

  /** The driver programs the selected queue. */
  public void writeQueue(QueueField field, int value) {
    lock.lock();
    try {
      int index = queueSelector;
      if (index < 0 || index >= queues.length || !has(DeviceStatus.FEATURES_OK)) {
        return;
      }
      if (field == QueueField.RESET) {
        if ((value & 1) != 0) {
          resetQueue(index);
        }
      } else if (!has(DeviceStatus.DRIVER_OK) || wasReset[index]) {
        program(index, field, value);
      }
    } finally {
      lock.unlock();
    }
  }

  private void program(int index, QueueField field, int value) {
    QueueConfig queue = queues[index];
    if (field == QueueField.READY) {
      queue.setReady((value & 1) != 0);
      if (queue.isReady() && wasReset[index]) {
        enableQueue(index);
      }
    } else if (!queue.isReady()) { // 4.2.2.2: the driver changes no queue that is in use
      QueueRegisters.write(queue, field, value);
    }
  }

  private @Nullable QueueConfig selectedQueue() {
    int index = queueSelector;
    return index >= 0 && index < queues.length ? queues[index] : null;
  }

  private void resetQueue(int index) {
    if (active
        && queues[index].isReady()
        && Features.has(features.agreed(), Features.VIRTIO_F_RING_RESET)) {
      device.resetQueue(index);
      queues[index].reset();
      wasReset[index] = true;
    }
  }

  private void enableQueue(int index) {
    wasReset[index] = false;
    @Nullable SplitQueue[] made = new SplitQueue[queues.length];
    if (make(index, made)) {
      device.enableQueue(index, queueSet(made));
    } else {
      queues[index].reset(); // it cannot be served: as if it had never been made ready
    }
  }

  /** The driver rings where no ioeventfd of the machine has caught it; any number. */
  public void ring(int queue) {
    if (queue >= 0 && queue < doorbells.length) {
      doorbells[queue].event().signal(CallState.current()); // EAGAIN: it is signalled
    }
  }

  /** The driver writes the device's configuration space, which it may from DRIVER on. */
  public void writeConfig(int offset, int size, long value) {
    if (has(DeviceStatus.DRIVER)) {
      device.writeConfig(offset, size, value);
    }
  }

  /**
   * The driver writes the status: 0 resets. Bits are only added (2.1.1), each after those that come
   * before it; with the first that may not be set, the rest is ignored.
   */
  public void writeStatus(int value) {
    lock.lock();
    try {
      if (value == 0) {
        reset();
      } else {
        addStatus(value);
      }
    } finally {
      lock.unlock();
    }
  }

  private void addStatus(int value) {
    if ((value & DeviceStatus.FAILED) != 0) {
      setStatus(DeviceStatus.FAILED);
    }
    int held = status.get();
    if ((held & DeviceStatus.FAILED) != 0
        || (held & ~value & ~DeviceStatus.DEVICE_NEEDS_RESET) != 0) {
      return;
    }
    int added = value & ~held;
    if ((added & DeviceStatus.ACKNOWLEDGE) != 0) {
      setStatus(DeviceStatus.ACKNOWLEDGE);
    }
    if ((added & DeviceStatus.DRIVER) != 0 && has(DeviceStatus.ACKNOWLEDGE)) {
      setStatus(DeviceStatus.DRIVER);
    }
    if ((added & DeviceStatus.FEATURES_OK) != 0 && has(DeviceStatus.DRIVER) && agreeOnFeatures()) {
      setStatus(DeviceStatus.FEATURES_OK);
    }
    if ((added & DeviceStatus.DRIVER_OK) != 0 && has(DeviceStatus.FEATURES_OK)) {
      activate();
    }
  }

  private boolean has(int bit) {
    return (status.get() & bit) != 0;
  }

  /** Sets bits; answers the status before. */
  private int setStatus(int bits) {
    int old;
    do {
      old = status.get();
    } while (!status.compareAndSet(old, old | bits));
    return old;
  }

  private boolean agreeOnFeatures() {
    String wrong = features.problem();
    if (wrong != null) {
      problem = wrong;
    }
    return wrong == null;
  }

  private void activate() {
    setStatus(DeviceStatus.DRIVER_OK);
    @Nullable SplitQueue[] made = new SplitQueue[queues.length];
    for (int i = 0; i < queues.length; i++) {
      if (!queues[i].isReady()) {
        continue;
      }
      if (!make(i, made)) {
        return;
      }
    }
    active = true;
    device.activate(queueSet(made));
  }

  /** Makes what the driver has programmed; false, and the device needs a reset, where it cannot. */
  private boolean make(int index, @Nullable SplitQueue[] made) {
    String wrong = queues[index].problem(memory);
    if (wrong != null) {
      notifier.needsReset(CallState.current(), wrong);
      return false;
    }
    made[index] = new SplitQueue(memory, queues[index], features.agreed(), queueStats[index]);
    return true;
  }

  private QueueSet queueSet(@Nullable SplitQueue[] made) {
    return new QueueSet(features.agreed(), memory, made, doorbells, notifier);
  }

  private void reset() {
    stop();
    for (QueueConfig queue : queues) {
      queue.reset();
    }
    Arrays.fill(wasReset, false);
    features.reset();
    queueSelector = 0;
    interrupts.reset();
    status.set(0); // last: a guest that reads 0 knows that all has stopped
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

  private final class Notifier implements DeviceNotifier {
    @Override
    public void usedBuffers(CallState state, int queue) {
      interrupts.usedBuffers(state, queue);
    }

    @Override
    public void configChanged(CallState state) {
      interrupts.configChanged(state);
    }

    @Override
    public void needsReset(CallState state, String reason) {
      problem = reason;
      needsResetCount.getAndIncrement();
      int before = setStatus(DeviceStatus.DEVICE_NEEDS_RESET);
      // Not before DRIVER_OK: nobody listens yet (virtio 1.2, 2.1.2).
      if ((before & DeviceStatus.DRIVER_OK) != 0) {
        interrupts.configChanged(state);
      }
    }
  }
}
