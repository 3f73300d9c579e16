package io.jvmm.devices.vsock;

import io.jvmm.devices.queue.ChainHandler;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.IovecArray;
import io.jvmm.virtio.queue.DescriptorChain;
import org.jspecify.annotations.Nullable;

/**
 * Packets of the guest. Each is dealt with at once, whether or not the guest takes what it is told,
 * so that the two queues cannot wait for each other.
 *
 * <p>Threads: the device's I/O thread; the owner closes after it has let go.
 */
final class TxQueue implements ChainHandler, AutoCloseable {
  /** Then others on the loop get their turn: 2 MiB in packets of Linux' largest size. */
  static final int CHAINS_PER_TURN = 32;

  private final VsockHeader header = new VsockHeader();
  private final IovecArray packet = new IovecArray(IovecArray.IOV_MAX);
  private @Nullable GuestPackets packets;

  void connect(GuestPackets own) {
    packets = own;
  }

  @Override
  public long serve(CallState state, GuestMemory memory, DescriptorChain chain) {
    GuestPackets own = packets;
    if (own == null) {
      return 0;
    }
    packet.clear();
    boolean fits = true;
    while (chain.next()) {
      if (!chain.isWritable() && chain.length() > 0) {
        fits &= packet.add(chain.hva(), chain.length());
      }
    }
    if (chain.isBroken()) {
      return 0;
    }
    if (fits) {
      own.receive(state, header, packet);
    } else {
      own.malformed();
    }
    return 0;
  }

  @Override
  public void close() {
    packet.close();
  }
}
