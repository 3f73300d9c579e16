package io.jvmm.vmm;

import io.jvmm.devices.block.BlockBackend;
import io.jvmm.devices.block.DiskException;
import io.jvmm.devices.block.ImageWorkers;
import io.jvmm.devices.block.RawFile;
import io.jvmm.devices.block.nbd.NbdClient;
import io.jvmm.devices.block.nbd.NbdTarget;
import io.jvmm.devices.block.qcow2.Qcow2Image;

/**
 * Chooses what holds a disk's data: the one place that knows every kind. What is not used is not
 * loaded.
 */
final class DiskOpener {
  private DiskOpener() {}

  /**
   * Opens a disk; it is the caller's to close.
   *
   * @param observer hears of a disk's server that goes and comes back
   * @throws DiskException where it is no disk, in use, or of no kind that is known
   * @throws io.jvmm.host.SyscallException where the host refuses
   */
  static BlockBackend open(DiskConfig disk, MachineObserver observer) {
    if (disk.isNetwork()) {
      return network(disk, observer);
    }
    return switch (disk.format()) {
      case RAW -> raw(disk);
      case QCOW2 -> qcow2(disk);
    };
  }

  private static BlockBackend network(DiskConfig disk, MachineObserver observer) {
    return NbdClient.open(NbdTarget.parse(disk.source()), disk.readOnly(), observer::diskNews);
  }

  private static BlockBackend raw(DiskConfig disk) {
    return new ImageWorkers(RawFile.open(disk.source(), disk.readOnly(), disk.direct()));
  }

  private static BlockBackend qcow2(DiskConfig disk) {
    if (disk.direct()) {
      throw new DiskException(disk.source(), "is qcow2, which cannot be used with direct");
    }
    String backing = disk.backing().isEmpty() ? null : disk.backing();
    return new ImageWorkers(Qcow2Image.open(disk.source(), disk.readOnly(), backing));
  }
}
