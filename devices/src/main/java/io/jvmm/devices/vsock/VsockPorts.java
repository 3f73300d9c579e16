package io.jvmm.devices.vsock;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The host's ports of a socket device for programs that use the library. A port with a handler is
 * the handler's, whatever else the guest would reach there.
 *
 * <p>Threads: any, every method.
 */
public final class VsockPorts {
  private static final long PORT_MAX = 0xffff_fffeL;

  private final IoLoop loop;
  private final Mux mux;

  private final Object lock = new Object();
  // Guarded by lock.
  private final Map<Integer, VsockHandler> handlers = new HashMap<>();

  VsockPorts(IoLoop loop, Mux mux) {
    this.loop = loop;
    this.mux = mux;
  }

  /**
   * Has the guest's connections to a port go to a handler, of bytes or of messages.
   *
   * @param port 0 to 2^32 - 2
   * @throws IllegalStateException where the port has a handler
   */
  public void listen(long port, VsockHandler handler) {
    int number = check(port);
    synchronized (lock) {
      if (handlers.putIfAbsent(number, handler) != null) {
        throw new IllegalStateException("vsock port " + port + " has a handler");
      }
    }
  }

  /** Takes a port's handler away, if it has one; connections that are there go on. */
  public void ignore(long port) {
    int number = check(port);
    synchronized (lock) {
      handlers.remove(number);
    }
  }

  /**
   * Asks the guest for a connection, of bytes. The handler hears {@link VsockHandler#opened}, or
   * {@link VsockHandler#closed} where the guest refuses or its driver is not ready.
   *
   * @param port the guest's, 0 to 2^32 - 2
   * @throws RejectedExecutionException where the machine is closed
   */
  public VsockConnection connect(long port, VsockHandler handler) {
    return connect(port, handler, false);
  }

  /** As {@link #connect}, of messages. */
  public VsockConnection connectMessages(long port, VsockHandler handler) {
    return connect(port, handler, true);
  }

  private VsockConnection connect(long port, VsockHandler handler, boolean messages) {
    int number = check(port);
    HandlerEnd end = new HandlerEnd(loop, handler, 0, number);
    loop.execute(
        () -> {
          CallState call = CallState.current();
          if (mux.connect(call, number, messages, end) == null) {
            mux.stats().refused.add(1);
            end.close(call, true);
          }
        });
    return end;
  }

  /** What the guest reaches at a port, or null. */
  @Nullable HostEnd accept(int port, int guestPort) {
    VsockHandler handler;
    synchronized (lock) {
      handler = handlers.get(port);
    }
    return handler == null ? null : new HandlerEnd(loop, handler, port, guestPort);
  }

  private static int check(long port) {
    if (port < 0 || port > PORT_MAX) {
      throw new IllegalArgumentException("vsock port " + port);
    }
    return (int) port;
  }
}
