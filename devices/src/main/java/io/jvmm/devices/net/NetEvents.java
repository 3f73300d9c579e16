package io.jvmm.devices.net;

import io.jvmm.host.CallState;

/**
 * What a {@link NetBackend} tells its device; the device tells from it what is still true.
 *
 * <p>Threads: the device's I/O thread.
 */
public interface NetEvents {
  /** Hot: there is something to receive for a pair of queues, since there was nothing. */
  void receivable(CallState state, int pair);

  /** Hot: there is room to send, since there was none. */
  void sendable(CallState state, int pair);

  /**
   * It carries no frame any more: the tap is deleted, the other side has closed. Told once, and
   * again only after {@link #back}.
   *
   * @param reason for people: {@code the tap is gone}
   */
  void gone(CallState state, String reason);

  /** It carries frames again, after {@link #gone}. */
  void back(CallState state);
}
