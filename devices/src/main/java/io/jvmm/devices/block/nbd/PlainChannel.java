package io.jvmm.devices.block.nbd;

import io.jvmm.host.CallState;
import io.jvmm.host.socket.Socket;
import io.jvmm.memory.IovecArray;

/** The socket itself. */
final class PlainChannel implements NbdChannel {
  private final Socket socket;

  PlainChannel(Socket socket) {
    this.socket = socket;
  }

  @Override
  public long send(CallState state, IovecArray buffers) {
    return socket.trySendVector(state, buffers.address(), buffers.count());
  }

  @Override
  public long receive(CallState state, IovecArray buffers) {
    return socket.tryReceiveVector(state, buffers.address(), buffers.count());
  }

  @Override
  public long flush(CallState state) {
    return 0;
  }

  @Override
  public boolean shortMeansEmpty() {
    return true;
  }
}
