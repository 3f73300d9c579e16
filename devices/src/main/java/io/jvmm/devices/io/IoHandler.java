package io.jvmm.devices.io;

import io.jvmm.host.CallState;

/** What an {@link IoLoop} does when a descriptor is ready. */
public interface IoHandler {
  /**
   * Called on the loop's thread; must not block, and should leave after a bounded amount of work,
   * since all other descriptors of the loop wait meanwhile.
   *
   * @param state the loop thread's own
   * @param events bits of {@link io.jvmm.host.epoll.Epoll}: what was asked for and is there, and
   *     EPOLLERR and EPOLLHUP unasked
   */
  void ready(CallState state, int events);
}
