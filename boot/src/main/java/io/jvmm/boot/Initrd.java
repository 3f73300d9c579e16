package io.jvmm.boot;

import io.jvmm.memory.GuestMemory;

/** An initial RAM disk: opened and checked early, read straight into guest memory later. */
public final class Initrd implements AutoCloseable {
  private static final long PAGE_SIZE = 4096;

  private final BootFile file;

  private Initrd(BootFile file) {
    this.file = file;
  }

  /**
   * Opens the file.
   *
   * @throws BootException where it cannot be read or is empty
   */
  public static Initrd open(String path) {
    return new Initrd(BootFile.open("initrd", path));
  }

  /** In bytes. */
  public long length() {
    return file.length();
  }

  /**
   * Reads it into the guest, as high as it may lie, on whole pages.
   *
   * @param lowest where the kernel ends
   * @param end where the last byte must be below
   * @return where it lies
   * @throws BootException where there is not that much room
   */
  long load(GuestMemory memory, long lowest, long end) {
    long length = file.length();
    long room = end - lowest;
    long gpa = (end - length) & -PAGE_SIZE; // only looked at where length <= room <= end
    if (length > room || gpa < lowest) {
      throw file.error(
          "its "
              + length
              + " bytes do not fit: above the kernel the guest has "
              + Math.max(room, 0)
              + " bytes of RAM for it; give the guest more memory");
    }
    file.readInto(memory, gpa, 0, length);
    return gpa;
  }

  @Override
  public void close() {
    file.close();
  }
}
