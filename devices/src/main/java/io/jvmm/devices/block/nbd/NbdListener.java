package io.jvmm.devices.block.nbd;

/** Hears of a server that goes and comes back, which a guest only notices as a disk that hangs. */
@FunctionalInterface
public interface NbdListener {
  /** Hears nothing. */
  NbdListener NONE = line -> {};

  /**
   * Something that who runs the machine should know. Called on the disk's I/O thread; must not
   * block or throw.
   *
   * @param line for people, whole
   */
  void tell(String line);
}
