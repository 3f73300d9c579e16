package io.jvmm.devices.vsock;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * One connection between the guest and a {@link VsockHandler}.
 *
 * <p>Threads: any, every method.
 */
@SuppressWarnings("exports") // who uses it has the module
public interface VsockConnection {
  /** So many bytes wait for the guest at most; what is larger waits alone. */
  int WRITE_BUFFER_BYTES = 256 * 1024;

  /** The port on the host's side, any 32 bits. */
  int hostPort();

  /** The port on the guest's side, any 32 bits. */
  int guestPort();

  /**
   * Sends something: bytes, or one message where the connection is one of messages. An empty
   * message is the end of what is sent, as it is on the host's sockets.
   *
   * @param data is the connection's, who releases it, where the answer is true
   * @return false where it was not taken: there is no room now, and {@link VsockHandler#writable}
   *     is called when there is; or the connection is over, or its output
   */
  boolean tryWrite(ByteBuf data);

  /**
   * Nothing more is received until {@link #resume}; so the guest has to wait, when its room is used
   * up. Called by {@link VsockHandler#received}, that call is the last one.
   */
  void pause();

  /** Goes on after {@link #pause}. */
  void resume();

  /** Sends no more; what was written before still goes. */
  void shutdownOutput();

  /** Ends it, after what was written before. */
  void close();

  /** Ends it now: the guest finds it reset. */
  void reset();

  /** Where buffers for {@link #tryWrite} may be had: pooled ones on the heap. */
  ByteBufAllocator allocator();
}
