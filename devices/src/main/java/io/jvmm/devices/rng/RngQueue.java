package io.jvmm.devices.rng;

import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.Counter;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.RandomBytes;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.StatsSink;
import io.jvmm.virtio.queue.DescriptorChain;

/**
 * Fills the driver's buffers with random bytes (virtio 1.2, 5.4.6).
 *
 * <p>Threads: the device's I/O thread; any for the counters.
 */
final class RngQueue implements ChainHandler {
  /**
   * The most bytes of one answer; a driver takes a shorter one than it asked for. The host makes
   * them in a quarter of a millisecond.
   */
  static final int ANSWER_MAX = 64 * 1024;

  /** With {@link #ANSWER_MAX}, a millisecond or two until others on the loop get their turn. */
  static final int CHAINS_PER_TURN = 4;

  private final Counter requests = new Counter();
  private final Counter bytes = new Counter();
  private final Counter errors = new Counter();

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
    long total = 0;
    while (total < ANSWER_MAX && chain.next()) {
      if (chain.isWritable()) {
        long wanted = Math.min(chain.length(), ANSWER_MAX - total);
        long made = fill(state, chain.hva(), wanted);
        total += made;
        if (made < wanted) {
          errors.add(1);
          break;
        }
      }
    }
    requests.add(1);
    bytes.add(total);
    return total;
  }

  /** Answers how many bytes were made: fewer than wanted where the host has none. */
  private static long fill(CallState state, long hva, long wanted) {
    long made = 0;
    while (made < wanted) {
      long n = RandomBytes.tryFill(state, hva + made, wanted - made);
      if (n > 0) {
        made += n;
      } else if (n != -Errno.EINTR) {
        break;
      }
    }
    return made;
  }

  void report(StatsSink sink) {
    sink.count("read.requests", requests.get());
    sink.count("read.bytes", bytes.get());
    sink.count("error.requests", errors.get());
  }
}
