package io.jvmm.devices;

/**
 * What a guest tells its machine through simple devices.
 *
 * <p>Threads: called on vCPU threads, by a guest that may do so at any time and as often as it
 * likes; must not block or throw.
 */
public interface GuestEvents {
  /** The guest turned its machine off. */
  void powerOff();

  /** The guest reset its machine. */
  void reset();

  /** The guest's kernel panicked, and nothing in the guest will deal with that. */
  void panicked();

  /**
   * The guest has reached a point of its way up.
   *
   * @param number 0 to 255; 1 is "init runs"
   */
  void milestone(int number);
}
