package io.jvmm.devices.io;

/** Hears of failures inside an {@link IoLoop}, which nobody is there to catch. */
public interface IoErrorListener {
  /**
   * A handler or a task threw, or the loop itself failed. Called on the loop's thread; must not
   * block or throw.
   *
   * @param what whose failure: the role of a descriptor, {@code task}, or the loop's name
   */
  void ioFailed(String what, Throwable cause);
}
