package io.jvmm.devices.vsock;

import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.devices.queue.ServedQueue;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.queue.DescriptorChain;
import org.jspecify.annotations.Nullable;

/**
 * Packets to the guest. A buffer for which there turns out to be nothing is kept for the next
 * packet.
 *
 * <p>Threads: the device's I/O thread; the owner closes after it has let go.
 */
final class RxQueue implements ChainHandler, AutoCloseable {
  /** Then others on the loop get their turn: 512 KiB in Linux' buffers of 4 KiB. */
  static final int CHAINS_PER_TURN = 128;

  private static final int NONE = -1;

  /** Buffers of a chain that are used: a packet's worth of pages, and more than enough. */
  private static final int BUFFERS_MAX = 64;

  private final VsockHeader header = new VsockHeader();
  private final IovecArray buffer = new IovecArray(BUFFERS_MAX);
  private final IovecArray room = new IovecArray(BUFFERS_MAX);
  private @Nullable Mux mux;
  private @Nullable ServedQueue queue;

  /** A chain of the driver, in {@link #buffer}. */
  private int keptHead = NONE;

  void connect(Mux own, ServedQueue served) {
    mux = own;
    queue = served;
  }

  @Override
  public boolean isReady() {
    Mux own = mux;
    return keptHead == NONE && own != null && own.hasMore();
  }

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
    Mux own = mux;
    if (own == null) {
      return 0;
    }
    buffer.clear();
    boolean fits = true;
    while (chain.next()) {
      if (fits && chain.isWritable() && chain.length() > 0) {
        fits = buffer.add(chain.hva(), chain.length());
      }
    }
    if (chain.isBroken()) {
      return 0;
    }
    if (buffer.byteCount() < VsockHeader.SIZE) {
      own.stats().malformed.add(1);
      return 0;
    }
    int head = chain.head();
    long written = fill(state, own);
    if (written == KEPT) {
      keptHead = head;
    }
    return written;
  }

  /**
   * Answers how many bytes were written, {@link #KEPT} where there is nothing to tell, 0 where
   * there is data and the buffer is for a header alone.
   */
  private long fill(CallState state, Mux own) {
    room.clear();
    long space = Math.min(buffer.byteCount() - VsockHeader.SIZE, Mux.PACKET_MAX);
    room.addFrom(buffer, VsockHeader.SIZE, space);
    int length = own.say(state, header, room);
    if (length == Connection.NOTHING) {
      if (!own.hasMore()) {
        return KEPT;
      }
      own.stats().malformed.add(1);
      return 0;
    }
    header.write(buffer);
    return VsockHeader.SIZE + (long) length;
  }

  /** Tells what there is to tell, as far as the driver has buffers. */
  void pump(CallState state, int events) {
    Mux own = mux;
    ServedQueue served = queue;
    if (own == null || served == null) {
      return;
    }
    own.unschedule();
    if (keptHead != NONE && own.hasMore()) {
      long written = fill(state, own);
      if (written != KEPT) {
        int head = keptHead;
        keptHead = NONE;
        served.answer(head, written);
      }
    }
    served.resume(state);
  }

  /** The driver has reset the device: the chain is its own again. */
  void forget() {
    keptHead = NONE;
  }

  @Override
  public void close() {
    buffer.close();
    room.close();
  }
}
