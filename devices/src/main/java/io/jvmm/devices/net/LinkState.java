package io.jvmm.devices.net;

/**
 * Whether frames move: the cable is in, and there is still something at its other end.
 *
 * <p>Threads: the device's I/O thread.
 */
final class LinkState {
  private boolean pluggedIn = true;
  private boolean gone;

  /** Hot. */
  boolean isUp() {
    return pluggedIn && !gone;
  }

  void setPluggedIn(boolean value) {
    pluggedIn = value;
  }

  void setGone(boolean value) {
    gone = value;
  }
}
