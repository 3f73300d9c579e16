package io.jvmm.vmm;

import java.util.List;

/**
 * The virtio devices of a machine besides its disks.
 *
 * @param rng whether the guest gets random bytes from the host
 * @param balloonBytes how much of its memory the guest is asked to give up from the beginning, or
 *     {@link #NO_BALLOON}
 * @param pmem paths of images that lie in the guest's address space, read-only, {@code /dev/pmem0}
 *     and on
 */
public record VirtioConfig(boolean rng, long balloonBytes, List<String> pmem) {
  /** There is no balloon. */
  public static final long NO_BALLOON = -1;

  /** None of them. */
  public static final VirtioConfig NONE = new VirtioConfig(false, NO_BALLOON, List.of());

  /**
   * Copies the lists.
   *
   * @throws MachineConfigException where a number makes no sense
   */
  public VirtioConfig {
    if (balloonBytes < NO_BALLOON) {
      throw new MachineConfigException("balloon: " + balloonBytes + " bytes");
    }
    pmem = List.copyOf(pmem);
  }

  /** Whether there is a balloon. */
  public boolean hasBalloon() {
    return balloonBytes != NO_BALLOON;
  }

  /** How many places in the machine they take. */
  int deviceCount() {
    return (rng ? 1 : 0) + (hasBalloon() ? 1 : 0) + pmem.size();
  }

  /** The same, with an entropy device or without. */
  public VirtioConfig withRng(boolean value) {
    return new VirtioConfig(value, balloonBytes, pmem);
  }

  /**
   * The same, with a balloon.
   *
   * @param bytes how large it should be from the beginning
   */
  public VirtioConfig withBalloon(long bytes) {
    return new VirtioConfig(rng, bytes, pmem);
  }

  /** The same, with these images as persistent memory. */
  public VirtioConfig withPmem(List<String> paths) {
    return new VirtioConfig(rng, balloonBytes, paths);
  }
}
