package io.jvmm.devices.net;

import io.jvmm.host.SyscallException;
import io.jvmm.host.socket.Socket;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a {@link StreamBackend}.
 *
 * <p>Threads: {@link #connect} on the device's I/O thread, the rest on the owner's, before it and
 * after it.
 */
public interface StreamPeer extends AutoCloseable {
  /** What it is, for people: {@code passt}. */
  String name();

  /** The longest packet that it takes, without the Ethernet header, or 0 where nobody knows. */
  int mtu();

  /**
   * Waits until it is ready.
   *
   * @throws NetException where it will never be
   */
  default void awaitReady() {}

  /** Whether one that is gone may come back. */
  boolean mayComeBack();

  /**
   * Another connection, after the one before has ended.
   *
   * @return the caller's from now on, or null where nobody answers yet
   * @throws SyscallException where the host has no descriptor left
   */
  @Nullable Socket connect();

  /** Closes a connection that is still there when the device ends. */
  void hangUp(Socket connection);

  /** Ends what is this object's; the connections are closed before. */
  @Override
  void close();
}
