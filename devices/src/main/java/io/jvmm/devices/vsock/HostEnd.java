package io.jvmm.devices.vsock;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;

/**
 * What is at the host's end of one connection. Where the connection is one of messages, each call
 * moves one, whole.
 *
 * <p>Threads: the device's I/O thread, everything.
 */
interface HostEnd {
  /** Who hears of it. */
  interface Listener {
    /** There may be something to read, the end and an error included. */
    void readable(CallState state);

    /** After a {@link HostEnd#tryWrite} that has not taken all: worth another try. */
    void writable(CallState state);
  }

  /**
   * Begins to work for a connection, whose listener hears at once of what is there.
   *
   * @throws io.jvmm.host.SyscallException where the host refuses
   */
  void attach(IoLoop loop, Listener listener);

  /** The guest has granted the connection that the host asked for. */
  default void opened(CallState state, Connection connection) {}

  /**
   * Hot: reads what has come.
   *
   * @return bytes, or of a message its length, which may be more than there was room for; 0 at the
   *     end; {@code -EAGAIN} where there is nothing now, and {@link Listener#readable} is called
   *     when there is; another {@code -errno} where the end is gone, and what it had with it
   */
  long tryRead(CallState state, IovecArray to);

  /**
   * Hot: writes.
   *
   * @return bytes; {@code -EAGAIN} for none; where it is not all, {@link Listener#writable} is
   *     called when there is room; another {@code -errno} where nobody will read it
   */
  long tryWrite(CallState state, IovecArray from);

  /** Nobody reads from it any more. */
  void shutdownInput(CallState state);

  /** Nothing is written to it any more. */
  void shutdownOutput(CallState state);

  /** Whether the end has gone altogether, or as far as can be told from here. */
  boolean isGone();

  /**
   * Lets go of it. Nothing is called any more.
   *
   * @param reset whether the connection came to a bad end
   */
  void close(CallState state, boolean reset);
}
