package io.jvmm.devices.console;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;

/**
 * The host's end of a port.
 *
 * <p>Threads: the device's I/O thread, but {@link #close}, which is the owner's after the loop has
 * let go of it.
 */
public interface HostEnd extends AutoCloseable {
  /** Who hears of it; on the I/O thread. */
  interface Listener {
    /** Somebody has connected. */
    void connected(CallState state);

    /** After {@code -EAGAIN} of {@link HostEnd#tryRead}: worth another try. */
    void readable(CallState state);

    /** After {@code -EAGAIN} of {@link HostEnd#tryWrite}: worth another try. */
    void writable(CallState state);

    /** Whoever was connected is gone, told behind the other two; what was sent is still there. */
    void hungUp(CallState state);
  }

  /** Begins to work for a port. */
  void attach(IoLoop loop, Listener listener);

  /** Whether there is somebody. */
  boolean isConnected();

  /**
   * Hot: reads what has come.
   *
   * @return bytes; {@code -EAGAIN} where there is nothing yet; 0 or another {@code -errno} where
   *     whoever was connected is gone, and {@link #disconnect} is to be called
   */
  long tryRead(CallState state, long address, long length);

  /** Hot: writes; bytes written, the rest as {@link #tryRead}. */
  long tryWrite(CallState state, long address, long length);

  /** Forgets who was connected, and lets the next one come. */
  void disconnect(CallState state);

  /** Stops watching; nothing is called any more. */
  void detach();

  @Override
  void close();
}
