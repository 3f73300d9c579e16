package io.jvmm.devices.balloon;

import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.Counter;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.DescriptorChain;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The guest's statistics (virtio 1.2, 5.5.6.3): the driver offers one buffer of {@code {le16 tag,
 * le64 value}[]}, the device keeps it, and gives it back when it wants newer ones.
 *
 * <p>Threads: the device's I/O thread; any for the counter.
 */
final class StatsQueue implements ChainHandler {
  /** {@code struct virtio_balloon_stat}, packed. */
  static final int STAT_SIZE = 10;

  /** The most bytes that are read of a buffer, whatever its length: room for tags to come. */
  static final int READ_MAX = 32 * STAT_SIZE;

  private static final int NONE = -1;

  /** Who gets them. */
  interface Listener {
    void statistics(BalloonStatistics statistics);
  }

  private final Listener listener;
  private final Counter updates = new Counter();
  private final byte[] bytes = new byte[READ_MAX];
  private final ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  private final long[] values = new long[BalloonStatistics.TAG_COUNT];
  private int kept = NONE;

  StatsQueue(Listener listener) {
    this.listener = listener;
  }

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
    int length = 0;
    while (chain.next() && !chain.isWritable()) {
      int taken = (int) Math.min(chain.length(), READ_MAX - length);
      if (taken > 0) {
        memory.read(chain.gpa(), bytes, length, taken);
        length += taken;
      }
    }
    if (chain.isBroken()) {
      return 0;
    }
    parse(length);
    updates.add(1);
    if (kept != NONE) {
      return 0; // a driver has one buffer; what is more goes back at once
    }
    kept = chain.head();
    return KEPT;
  }

  private void parse(int length) {
    Arrays.fill(values, BalloonStatistics.UNKNOWN);
    for (int at = 0; at + STAT_SIZE <= length; at += STAT_SIZE) {
      int tag = view.getShort(at) & 0xffff;
      if (tag < values.length) {
        values[tag] = view.getLong(at + Short.BYTES);
      }
    }
    listener.statistics(BalloonStatistics.of(values));
  }

  /** The kept chain's head, which is kept no longer; negative where there is none. */
  int takeKept() {
    int head = kept;
    kept = NONE;
    return head;
  }

  /** How often the guest has told them. */
  long updates() {
    return updates.get();
  }
}
