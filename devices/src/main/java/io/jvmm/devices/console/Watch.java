package io.jvmm.devices.console;

import io.jvmm.devices.io.IoHandler;
import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.Fd;

/**
 * What one descriptor is watched for, so that the loop is told only of changes.
 *
 * <p>Threads: the loop's.
 */
final class Watch {
  private static final int OFF = -1;

  private final IoLoop loop;
  private final Fd fd;
  private final IoHandler handler;
  private int events = OFF;

  Watch(IoLoop loop, Fd fd, IoHandler handler) {
    this.loop = loop;
    this.fd = fd;
    this.handler = handler;
  }

  /**
   * Watches for these, and for errors and hang-ups as ever.
   *
   * @throws io.jvmm.host.SyscallException EPERM for a descriptor that cannot be waited for
   */
  void set(int wanted) {
    if (events == wanted) {
      return;
    }
    if (events == OFF) {
      loop.register(fd, wanted, handler);
    } else {
      loop.modify(fd, wanted);
    }
    events = wanted;
  }

  /** Watches for nothing, not even for errors. */
  void off() {
    if (events != OFF) {
      events = OFF;
      loop.unregister(fd);
    }
  }

  boolean has(int event) {
    return events != OFF && (events & event) != 0;
  }

  /** What is watched for; 0 where nothing is. */
  int events() {
    return events == OFF ? 0 : events;
  }
}
