package io.jvmm.vmm;

import java.util.List;

/**
 * The virtio devices of a machine besides its disks.
 *
 * @param rng whether the guest gets random bytes from the host
 * @param pmem paths of images that lie in the guest's address space, read-only, {@code /dev/pmem0}
 *     and on
 */
public record VirtioConfig(boolean rng, List<String> pmem) {
  /** None of them. */
  public static final VirtioConfig NONE = new VirtioConfig(false, List.of());

  /** Copies the lists. */
  public VirtioConfig {
    pmem = List.copyOf(pmem);
  }

  /** How many places in the machine they take. */
  int deviceCount() {
    return (rng ? 1 : 0) + pmem.size();
  }

  /** The same, with an entropy device or without. */
  public VirtioConfig withRng(boolean value) {
    return new VirtioConfig(value, pmem);
  }

  /** The same, with these images as persistent memory. */
  public VirtioConfig withPmem(List<String> paths) {
    return new VirtioConfig(rng, paths);
  }
}
