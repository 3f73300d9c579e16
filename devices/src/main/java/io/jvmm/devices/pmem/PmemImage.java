package io.jvmm.devices.pmem;

import io.jvmm.host.Mapping;
import io.jvmm.host.file.OpenFile;

/**
 * An image that lies in a guest's address space, read-only: the pages of the host's page cache,
 * mapped once and the same for every machine that uses it. What is less than {@link #ALIGNMENT} at
 * its end is filled up with zero pages.
 *
 * <p>Nothing in this process reads the mapping: where somebody has cut the file since, that would
 * be a SIGBUS. The guest's own access ends its vCPU's run with EFAULT instead.
 *
 * <p>Threads: made and closed by the machine's owner, after the vCPUs have stopped.
 */
public final class PmemImage implements AutoCloseable {
  /** Linux takes persistent memory in pieces of its memory map's subsections: 2 MiB. */
  public static final long ALIGNMENT = 2L << 20;

  private final String path;
  private final OpenFile file;
  private final Mapping mapping;

  private PmemImage(String path, OpenFile file, Mapping mapping) {
    this.path = path;
    this.file = file;
    this.mapping = mapping;
  }

  /**
   * Opens, locks and maps an image, which no machine may write meanwhile.
   *
   * @throws io.jvmm.host.SyscallException where it cannot be opened or mapped
   * @throws PmemException where it is in use, or cannot be mapped
   */
  public static PmemImage open(String path) {
    OpenFile file = OpenFile.forReading(path);
    try {
      if (!file.isRegular() && !file.isBlockDevice()) {
        throw new PmemException(path, "is neither a regular file nor a block device");
      }
      if (!file.tryLock(false)) {
        throw new PmemException(path, "is in use by another VM, which may write to it");
      }
      long length = file.length();
      if (length == 0) {
        throw new PmemException(path, "is empty");
      }
      long whole = Math.addExact(length, ALIGNMENT - 1) & -ALIGNMENT;
      return new PmemImage(path, file, Mapping.readOnly("pmem " + path, file.fd(), length, whole));
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** As it was given. */
  public String path() {
    return path;
  }

  /** Where it lies in this process; for KVM alone. */
  public long hva() {
    return mapping.address();
  }

  /** In bytes, a multiple of {@link #ALIGNMENT}. */
  public long length() {
    return mapping.length();
  }

  @Override
  public void close() {
    mapping.close();
    file.close();
  }
}
