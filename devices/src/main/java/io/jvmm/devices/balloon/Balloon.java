package io.jvmm.devices.balloon;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.ServedQueue;
import io.jvmm.devices.queue.ServedQueues;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.DeviceNotifier;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.queue.DescriptorChain;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A memory balloon (virtio 1.2, 5.5): inflates and deflates, tells statistics, deflates by itself
 * when the guest runs out of memory, and takes free pages that the guest reports.
 *
 * <p>The reporting queue is number 4, and 3 for drivers that count only the queues they use, as
 * Linux' do: since free page hints are not offered, both are served as reporting queues. The same
 * goes for queue 2 where the driver wants no statistics.
 *
 * <p>Threads: as {@link VirtioDevice} says; {@link #setTarget}, {@link #statistics} and the getters
 * for any thread but the loop's.
 */
public final class Balloon implements VirtioDevice, AutoCloseable {
  private static final int VIRTIO_ID_BALLOON = 5;
  private static final int QUEUE_SIZE = 128;

  private static final int INFLATE_CHAINS_PER_TURN = 4;
  private static final int DEFLATE_CHAINS_PER_TURN = 32;
  private static final int STATS_CHAINS_PER_TURN = 4;

  /** One reaches {@link ReportingQueue#CHAIN_MAX}. */
  private static final int REPORTING_CHAINS_PER_TURN = 1;

  private final IoLoop loop;
  private final BalloonConfig config = new BalloonConfig();
  private final PageRelease inflated = new PageRelease();
  private final PageRelease reported = new PageRelease();
  private final DeflateQueue deflate = new DeflateQueue();
  private final StatsQueue stats = new StatsQueue(this::received);
  private final ServedQueues queues;
  private final ThirdQueue thirdQueue;
  private final ServedQueue statsQueue;

  /** Loop thread only: whom to tell, while the driver is there. */
  private @Nullable DeviceNotifier notifier;

  private final Object lock = new Object();
  // Guarded by lock.
  private @Nullable BalloonStatistics newest;
  private long received;

  /**
   * An empty balloon.
   *
   * @param loop stays the caller's, who closes it after this
   */
  public Balloon(IoLoop loop) {
    this.loop = loop;
    this.queues = new ServedQueues(loop, new Session());
    ReportingQueue reporting = new ReportingQueue(reported);
    queues.add(new InflateQueue(inflated), INFLATE_CHAINS_PER_TURN);
    queues.add(deflate, DEFLATE_CHAINS_PER_TURN);
    thirdQueue = new ThirdQueue(stats, reporting);
    statsQueue = queues.add(thirdQueue, STATS_CHAINS_PER_TURN);
    queues.add(reporting, REPORTING_CHAINS_PER_TURN);
    queues.add(reporting, REPORTING_CHAINS_PER_TURN);
  }

  /** The queue of statistics, or where the driver wants none, perhaps its next one. */
  private static final class ThirdQueue implements ChainHandler {
    private final StatsQueue stats;
    private final ReportingQueue reporting;
    private boolean isStats;

    ThirdQueue(StatsQueue stats, ReportingQueue reporting) {
      this.stats = stats;
      this.reporting = reporting;
    }

    void begin(boolean withStats) {
      isStats = withStats;
    }

    @Override
    public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
      return isStats ? stats.serve(state, memory, chain) : reporting.serve(state, memory, chain);
    }
  }

  /** The driver's coming and going. */
  private final class Session implements ServedQueues.SessionListener {
    @Override
    public void started(CallState state, QueueSet set) {
      notifier = set.notifier();
      thirdQueue.begin(set.has(BalloonConfig.VIRTIO_BALLOON_F_STATS_VQ));
    }

    @Override
    public void stopped() {
      notifier = null;
      stats.takeKept(); // it is the driver's again
      config.forgetActual();
    }
  }

  @Override
  public String name() {
    return "balloon";
  }

  @Override
  public int deviceId() {
    return VIRTIO_ID_BALLOON;
  }

  @Override
  public long deviceFeatures() {
    return BalloonConfig.FEATURES;
  }

  @Override
  public int queueCount() {
    return queues.count();
  }

  @Override
  public int maxQueueSize(int queue) {
    return QUEUE_SIZE;
  }

  @Override
  public long readConfig(int offset, int size) {
    return config.read(offset, size);
  }

  @Override
  public void writeConfig(int offset, int size, long value) {
    config.write(offset, size, value);
  }

  @Override
  public int configGeneration() {
    return config.generation();
  }

  @Override
  public void activate(QueueSet set) {
    queues.activate(set);
  }

  @Override
  public void reset() {
    queues.reset();
  }

  /**
   * Asks the guest to make the balloon this large: so much memory the host gets, as far and as fast
   * as the guest can.
   *
   * @param bytes rounded down to 4 KiB; the caller sees to it that the guest has that much
   */
  public void setTarget(long bytes) {
    synchronized (lock) {
      config.setTarget(bytes >> BalloonConfig.PAGE_SHIFT);
    }
    loop.execute(
        () -> {
          DeviceNotifier driver = notifier;
          if (driver != null) {
            driver.configChanged(CallState.current());
          }
        });
  }

  /** How large it should be, in bytes. */
  public long target() {
    return config.target() << BalloonConfig.PAGE_SHIFT;
  }

  /** How large it is, in bytes, as the guest says. */
  public long size() {
    return config.actual() << BalloonConfig.PAGE_SHIFT;
  }

  /**
   * Asks the guest for statistics and waits for them.
   *
   * @param timeoutMillis how long
   * @return the newest there are: older ones where the guest does not answer in time, null where it
   *     never did
   */
  public @Nullable BalloonStatistics statistics(long timeoutMillis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    synchronized (lock) {
      long before = received;
      loop.execute(this::ask);
      while (received == before) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          break;
        }
        lock.wait(left);
      }
      return newest;
    }
  }

  private void ask() {
    int head = stats.takeKept();
    if (head >= 0) { // else the next ones are on their way
      statsQueue.complete(CallState.current(), head, 0);
    }
  }

  private void received(BalloonStatistics statistics) {
    synchronized (lock) {
      newest = statistics;
      received++;
      lock.notifyAll();
    }
  }

  @Override
  public void report(StatsSink sink) {
    sink.count("balloon.bytes", size());
    sink.count("inflate.released.bytes", inflated.bytes());
    sink.count("inflate.release.calls", inflated.calls());
    sink.count("deflate.pages", deflate.pages());
    sink.count("report.released.bytes", reported.bytes());
    sink.count("report.release.calls", reported.calls());
    sink.count("refused", inflated.refused() + reported.refused());
    sink.count("statistics", stats.updates());
  }

  /** Stops. Call after the vCPUs have stopped, before the loop closes. */
  @Override
  public void close() {
    reset();
  }
}
