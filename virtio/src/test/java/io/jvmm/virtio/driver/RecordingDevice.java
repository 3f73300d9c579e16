package io.jvmm.virtio.driver;

import io.jvmm.virtio.Features;
import io.jvmm.virtio.QueueSet;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.VirtioDevice;
import io.jvmm.virtio.queue.SplitQueue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A device that only notes what the transport asks of it. */
public final class RecordingDevice implements VirtioDevice {
  /** A feature of its own, beside VERSION_1 and those of the ring. */
  public static final long OWN_FEATURE = 1L << 5;

  private final List<String> calls = new ArrayList<>();
  private final @Nullable SplitQueue[] live = new SplitQueue[2];
  private @Nullable QueueSet queues;

  @Override
  public String name() {
    return "recording device";
  }

  @Override
  public int deviceId() {
    return 42;
  }

  @Override
  public long deviceFeatures() {
    return Features.VIRTIO_F_VERSION_1
        | Features.SPLIT_RING
        | Features.VIRTIO_F_RING_RESET
        | OWN_FEATURE;
  }

  @Override
  public int queueCount() {
    return 2;
  }

  @Override
  public int maxQueueSize(int queue) {
    return queue == 0 ? 16 : 64;
  }

  @Override
  public long readConfig(int offset, int size) {
    return (long) offset << 8 | size;
  }

  @Override
  public void writeConfig(int offset, int size, long value) {
    calls.add("config " + offset + " " + size + " " + value);
  }

  @Override
  public int configGeneration() {
    return 7;
  }

  @Override
  public void activate(QueueSet set) {
    calls.add("activate");
    queues = set;
    for (int i = 0; i < live.length; i++) {
      live[i] = set.queue(i);
    }
  }

  @Override
  public void reset() {
    calls.add("reset");
    queues = null;
    Arrays.fill(live, null);
  }

  @Override
  public void resetQueue(int index) {
    if (live[index] == null) {
      throw new IllegalStateException("queue " + index + " is not served");
    }
    calls.add("reset queue " + index);
    live[index] = null;
  }

  @Override
  public void enableQueue(int index, QueueSet set) {
    if (queues == null || live[index] != null) {
      throw new IllegalStateException("queue " + index + " is served, or nothing is");
    }
    calls.add("enable queue " + index);
    live[index] = set.queue(index);
  }

  /** What it would serve as queue {@code index}, or null. */
  public @Nullable SplitQueue live(int index) {
    return live[index];
  }

  @Override
  public void report(StatsSink sink) {
    sink.count("calls", calls.size());
  }

  /** What was asked, in order. */
  public List<String> calls() {
    return calls;
  }

  /** What it was activated with, or null. */
  public @Nullable QueueSet queues() {
    return queues;
  }
}
