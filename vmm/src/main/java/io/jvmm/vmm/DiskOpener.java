package io.jvmm.vmm;

import io.jvmm.devices.block.BlockBackend;
import io.jvmm.devices.block.DiskException;
import io.jvmm.devices.block.ImageWorkers;
import io.jvmm.devices.block.IoUringFile;
import io.jvmm.devices.block.RawFile;
import io.jvmm.devices.block.nbd.NbdClient;
import io.jvmm.devices.block.nbd.NbdTarget;
import io.jvmm.devices.block.qcow2.Qcow2Image;
import io.jvmm.devices.io.IoRing;
import io.jvmm.host.SyscallException;
import org.jspecify.annotations.Nullable;

/**
 * Chooses what holds a disk's data: the one place that knows every kind. What is not used is not
 * loaded.
 */
final class DiskOpener implements AutoCloseable {
  private final MachineObserver observer;
  private final int disksMax;
  private @Nullable IoRing ring;
  private boolean isWithoutRing;

  /**
   * @param observer hears of a disk's server that goes and comes back
   * @param disksMax how many are going to be opened, all of them for one loop
   */
  DiskOpener(MachineObserver observer, int disksMax) {
    this.observer = observer;
    this.disksMax = disksMax;
  }

  /**
   * Opens a disk; it is the caller's to close, before this.
   *
   * @throws DiskException where it is no disk, in use, or of no kind that is known
   * @throws io.jvmm.host.SyscallException where the host refuses
   */
  BlockBackend open(DiskConfig disk) {
    if (disk.isNetwork()) {
      return network(disk);
    }
    return switch (disk.format()) {
      case RAW -> raw(disk);
      case QCOW2 -> qcow2(disk);
    };
  }

  private BlockBackend network(DiskConfig disk) {
    return NbdClient.open(NbdTarget.parse(disk.source()), disk.readOnly(), observer::diskNews);
  }

  private BlockBackend raw(DiskConfig disk) {
    RawFile image = RawFile.open(disk.source(), disk.readOnly(), disk.direct());
    try {
      IoRing shared = disk.aio() == DiskConfig.Aio.THREADS ? null : ring();
      if (shared != null) {
        return new IoUringFile(image, shared);
      }
    } catch (SyscallException e) {
      // This file cannot be opened a second time: workers need it only once.
    }
    return new ImageWorkers(image);
  }

  /** Null where this process may not use io_uring: 'jvmm doctor' says why. */
  private @Nullable IoRing ring() {
    if (ring == null && !isWithoutRing) {
      try {
        ring = IoRing.create("disk ring", disksMax * IoUringFile.RING_OPERATIONS);
      } catch (SyscallException e) {
        isWithoutRing = true;
      }
    }
    return ring;
  }

  @Override
  public void close() {
    if (ring != null) {
      ring.close();
    }
  }

  private static BlockBackend qcow2(DiskConfig disk) {
    if (disk.direct()) {
      throw new DiskException(disk.source(), "is qcow2, which cannot be used with direct");
    }
    String backing = disk.backing().isEmpty() ? null : disk.backing();
    return new ImageWorkers(Qcow2Image.open(disk.source(), disk.readOnly(), backing));
  }
}
