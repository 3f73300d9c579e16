package io.jvmm.devices.vsock;

import io.netty.buffer.ByteBuf;

/**
 * A program of the library's user at the host's end of connections. One handler may have any number
 * of them.
 *
 * <p>Needs {@code io.netty:netty-buffer} (module {@code io.netty.buffer}), which jvmm does not
 * bring: nothing of it is loaded unless a handler is used.
 *
 * <p>Threads: everything here is called on the device's I/O thread, which the console shares; it
 * must not block, and hands long work to others. An exception resets the connection, and goes to
 * the thread's {@link Thread.UncaughtExceptionHandler}; an error ends the machine.
 */
@SuppressWarnings("exports") // who uses it has the module
public interface VsockHandler {
  /** The connection is there, and may be written to. */
  default void opened(VsockConnection connection) {}

  /**
   * The guest has sent something: bytes, or one message where the connection is one of messages. It
   * gets room for more as soon as this returns, unless the connection is {@linkplain
   * VsockConnection#pause paused}.
   *
   * @param data is the handler's, who releases it, now or later
   */
  void received(VsockConnection connection, ByteBuf data);

  /** There is room again, after {@link VsockConnection#tryWrite} has answered false. */
  default void writable(VsockConnection connection) {}

  /** The guest sends no more; what is written still reaches it. */
  default void inputEnded(VsockConnection connection) {}

  /**
   * The connection is over. The last call for it.
   *
   * @param reset whether it was refused, or ended before its time
   */
  default void closed(VsockConnection connection, boolean reset) {}
}
