package io.jvmm.vmm;

/**
 * The virtio devices of a machine besides its disks.
 *
 * @param rng whether the guest gets random bytes from the host
 */
public record VirtioConfig(boolean rng) {
  /** None of them. */
  public static final VirtioConfig NONE = new VirtioConfig(false);

  /** How many places in the machine they take. */
  int deviceCount() {
    return rng ? 1 : 0;
  }

  /** The same, with an entropy device or without. */
  public VirtioConfig withRng(boolean value) {
    return new VirtioConfig(value);
  }
}
