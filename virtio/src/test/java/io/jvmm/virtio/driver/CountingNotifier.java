package io.jvmm.virtio.driver;

import io.jvmm.host.CallState;
import io.jvmm.virtio.DeviceNotifier;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Counts what a device tells its driver, and lets a test wait for it. Any thread. */
public final class CountingNotifier implements DeviceNotifier {
  private final Semaphore usedBuffers = new Semaphore(0);
  private final Semaphore needsReset = new Semaphore(0);
  private volatile @Nullable String reason;

  @Override
  public void usedBuffers(CallState state, int queue) {
    usedBuffers.release();
  }

  @Override
  public void configChanged(CallState state) {
    // No test waits for it.
  }

  @Override
  public void needsReset(CallState state, String why) {
    reason = why;
    needsReset.release();
  }

  /** Takes one for each used buffer notification. */
  public Semaphore usedBuffers() {
    return usedBuffers;
  }

  /** Takes one for each time that the device needs a reset. */
  public Semaphore needsReset() {
    return needsReset;
  }

  /** Why the device needs a reset, or null. */
  public @Nullable String reason() {
    return reason;
  }
}
