package io.jvmm.devices.console;

import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.Counter;
import io.jvmm.devices.queue.ServedQueue;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.GuestMemory;
import io.jvmm.virtio.queue.DescriptorChain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * From the host to the guest. Reads the host's end only as far as one small buffer holds, and only
 * while the guest has the port open: what more there is waits in the host's socket.
 *
 * <p>Threads: the device's I/O thread; any for the counter.
 */
final class PortReceive implements ChainHandler {
  /** A page, which is the size of Linux' own buffers. */
  static final int BUFFER_BYTES = 4096;

  private final ConsolePort port;
  private final HostEnd end;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES);
  private final Counter bytes = new Counter();
  private @Nullable ServedQueue queue;
  private int at;
  private int available;

  PortReceive(ConsolePort port, HostEnd end) {
    this.port = port;
    this.end = end;
  }

  void connect(ServedQueue own) {
    queue = own;
  }

  /** Reads from the host where there is nothing left to deliver. */
  void fill(CallState state) {
    if (available > 0 || port.isTelling() || !port.isGuestOpen() || !end.isConnected()) {
      return;
    }
    long n = end.tryRead(state, buffer.address(), BUFFER_BYTES);
    if (n > 0) {
      at = 0;
      available = (int) n;
    } else if (n != -Errno.EAGAIN) {
      port.endLater();
    }
  }

  void resume(CallState state) {
    if (queue != null) {
      queue.resume(state);
    }
  }

  boolean isEmpty() {
    return available == 0;
  }

  @Override
  public boolean isReady() {
    return available > 0;
  }

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
    long written = 0;
    while (available > 0 && chain.next()) {
      if (chain.isWritable()) {
        int n = (int) Math.min(chain.length(), available);
        if (n > 0) {
          memory.write(chain.gpa(), buffer, at, n);
          at += n;
          available -= n;
          written += n;
        }
      }
    }
    bytes.add(written);
    fill(state);
    return written;
  }

  /** Drops what was not delivered. */
  void clear() {
    available = 0;
  }

  long bytes() {
    return bytes.get();
  }

  void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
