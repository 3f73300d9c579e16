package io.jvmm.vmm.cli.stats;

import io.jvmm.memory.GuestRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Looks once at the memory of this process: when the guest's init runs, or, where no init ever says
 * so, when the guest has ended.
 *
 * <p>Threads: {@link #initRuns} is for any thread and does not wait; the owner calls the others.
 */
public final class MemorySampler implements Runnable {
  /**
   * What was seen.
   *
   * @param use the memory
   * @param whileInitRuns whether the guest was running its init then
   */
  public record Sample(MemoryUse use, boolean whileInitRuns) {}

  private static final Path SMAPS = Path.of("/proc/self/smaps");

  private final CountDownLatch wake = new CountDownLatch(1);
  private volatile boolean initRuns;
  private @Nullable Thread thread;
  private List<GuestRegion> guestRam = List.of();
  private volatile @Nullable Sample sample;

  /** Begins to wait. */
  public void start(List<GuestRegion> regions) {
    guestRam = regions;
    Thread t = new Thread(this, "memory-sampler");
    t.setDaemon(true);
    thread = t;
    t.start();
  }

  /** The guest's init runs. */
  public void initRuns() {
    initRuns = true;
    wake.countDown();
  }

  /** The guest has ended, its memory is still there. */
  public Sample finish() throws InterruptedException {
    wake.countDown();
    if (thread != null) {
      thread.join();
    }
    Sample taken = sample;
    return taken == null ? look() : taken;
  }

  /** What the sampler's own thread does. */
  @Override
  public void run() {
    try {
      wake.await();
      sample = look();
    } catch (InterruptedException | UncheckedIOException e) {
      // Then finish() looks, and tells why it cannot.
    }
  }

  private Sample look() {
    boolean atInit = initRuns;
    try {
      return new Sample(MemoryUse.of(Files.readString(SMAPS), guestRam), atInit);
    } catch (IOException e) {
      throw new UncheckedIOException(SMAPS + " cannot be read", e);
    }
  }
}
