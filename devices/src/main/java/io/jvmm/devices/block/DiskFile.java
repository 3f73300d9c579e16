package io.jvmm.devices.block;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.file.OpenFile;

/** Opens the files below disks, so that no two machines write to one. */
public final class DiskFile {
  private DiskFile() {}

  /**
   * Opens and locks a file or block device: one writer or any number of readers at a time. A block
   * device that is to be written must be nobody else's: what the host has mounted it would lose.
   * Only to be read it is not claimed, since a claim keeps other readers out too.
   *
   * @throws SyscallException where it cannot be opened
   * @throws DiskException where it is in use, or is neither a file nor a block device
   */
  public static OpenFile open(String path, boolean readOnly) {
    return open(path, readOnly, false);
  }

  /**
   * As {@link #open(String, boolean)}.
   *
   * @param direct past the host's page cache
   * @throws DiskException also where the file system cannot do that
   */
  static OpenFile open(String path, boolean readOnly, boolean direct) {
    OpenFile file = tryOpen(path, readOnly, direct);
    try {
      if (!file.isRegular() && !file.isBlockDevice()) {
        throw new DiskException(path, "is neither a regular file nor a block device");
      }
      if (!file.tryLock(!readOnly)) {
        throw new DiskException(
            path,
            readOnly
                ? "is in use by another VM, which may write to it"
                : "is in use by another VM; stop that one, or use it read-only in both");
      }
      return file;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static OpenFile tryOpen(String path, boolean readOnly, boolean direct) {
    try {
      if (readOnly) {
        return direct ? OpenFile.forDirectReading(path) : OpenFile.forReading(path);
      }
      return direct ? OpenFile.claimDirect(path) : OpenFile.claim(path);
    } catch (SyscallException e) {
      if (e.is(Errno.EBUSY) && !readOnly) {
        throw new DiskException(
            path,
            "is in use on this host (mounted, swap, RAID, LVM or another VM);"
                + " end that use, or use it read-only");
      }
      if (e.is(Errno.EINVAL) && direct) {
        throw notDirect(path);
      }
      throw e;
    }
  }

  static DiskException notDirect(String path) {
    return new DiskException(
        path,
        "cannot be used past the page cache: its file system has no O_DIRECT; leave out 'direct'");
  }
}
