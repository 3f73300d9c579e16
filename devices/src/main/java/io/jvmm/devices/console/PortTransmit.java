package io.jvmm.devices.console;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.Counter;
import io.jvmm.devices.queue.ServedQueue;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.DescriptorChain;
import org.jspecify.annotations.Nullable;

/**
 * From the guest to the host, straight out of guest memory. A chain that the host has no room for
 * is kept, with the cursor where it is, and no other is taken: the guest waits.
 *
 * <p>Threads: the device's I/O thread; any for the counter.
 */
final class PortTransmit implements ChainHandler {
  /** In one system call: a write to a file may take its time. */
  private static final int WRITE_MAX = 64 * 1024;

  /** In one go: then others on the loop get their turn. */
  static final int BYTES_PER_TURN = 256 * 1024;

  private static final int NONE = -1;

  private final ConsolePort port;
  private final HostEnd end;
  private final IoLoop loop;
  private final Runnable nextTurn = this::takeTurn;
  private final Counter bytes = new Counter();
  private @Nullable ServedQueue queue;

  private int head = NONE;
  private @Nullable DescriptorChain chain;
  private long hva;
  private long left;

  PortTransmit(ConsolePort port, HostEnd end, IoLoop loop) {
    this.port = port;
    this.end = end;
    this.loop = loop;
  }

  void connect(ServedQueue own) {
    queue = own;
  }

  void resume(CallState state) {
    if (queue != null) {
      queue.resume(state);
    }
  }

  @Override
  public boolean isReady() {
    return head == NONE && port.takesOutput();
  }

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain offered) {
    if (port.isDiscarding()) {
      return 0;
    }
    head = offered.head();
    chain = offered;
    left = 0;
    if (!write(state, offered)) {
      return KEPT;
    }
    head = NONE;
    return 0;
  }

  /** Answers whether the chain is done with. */
  private boolean write(CallState state, DescriptorChain from) {
    int budget = BYTES_PER_TURN;
    while (true) {
      while (left == 0) {
        if (!from.next()) {
          return true;
        }
        if (!from.isWritable()) {
          hva = from.hva();
          left = from.length();
        }
      }
      if (budget <= 0) {
        loop.execute(nextTurn);
        return false;
      }
      long n = end.tryWrite(state, hva, Math.min(left, WRITE_MAX));
      if (n == -Errno.EAGAIN) {
        return false;
      }
      if (n <= 0) {
        port.outputFailed(state); // nobody gets the rest of the chain
        return true;
      }
      hva += n;
      left -= n;
      budget -= (int) n;
      bytes.add(n);
    }
  }

  private void takeTurn() {
    goOn(CallState.current());
  }

  /** Goes on with the chain that was kept. */
  void goOn(CallState state) {
    DescriptorChain kept = chain;
    if (head != NONE && kept != null && write(state, kept)) {
      answer(state);
    }
  }

  /** Nobody is there to get what the driver has offered so far. */
  void discard(CallState state) {
    if (head != NONE) {
      answer(state);
    }
    for (int turn = 0; turn < Console.QUEUE_SIZE / ConsolePort.TRANSMIT_CHAINS_PER_TURN; turn++) {
      resume(state);
    }
  }

  private void answer(CallState state) {
    int done = head;
    head = NONE;
    if (queue != null) {
      queue.complete(state, done, 0);
      queue.resume(state);
    }
  }

  /** The driver has reset the device: the chain is its own again. */
  void forget() {
    head = NONE;
    chain = null;
  }

  long bytes() {
    return bytes.get();
  }
}
