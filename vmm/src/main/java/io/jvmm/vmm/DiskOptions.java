package io.jvmm.vmm;

import io.jvmm.devices.block.BlockOptions;

/** What the guest's disk is besides its data, from what was asked for. */
final class DiskOptions {
  private DiskOptions() {}

  /**
   * For a disk of a machine.
   *
   * @param index its place among the disks, from 0
   * @param cpus of the guest
   */
  static BlockOptions of(DiskConfig disk, int index, int cpus) {
    int queues = disk.queues() == 0 ? Math.min(cpus, DiskConfig.QUEUES_MAX) : disk.queues();
    return BlockOptions.DEFAULT
        .withSerial(serial(disk, index))
        .withQueues(queues)
        .withWriteThrough(disk.cache() == DiskConfig.Cache.WRITETHROUGH)
        .withLimiter(disk.rate().limiterIfLimited());
  }

  /** Its name towards the guest, and in requests to the machine. */
  static String serial(DiskConfig disk, int index) {
    return disk.id().isEmpty() ? "disk" + index : disk.id();
  }
}
