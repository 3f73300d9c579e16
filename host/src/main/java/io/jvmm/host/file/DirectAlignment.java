package io.jvmm.host.file;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Mapping;
import io.jvmm.host.Syscall;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * What reading and writing past the page cache asks of a transfer.
 *
 * @param memory what the address of each buffer must be a multiple of, a power of two
 * @param offset what the place in the file and the length of each buffer must be a multiple of, a
 *     power of two
 */
public record DirectAlignment(int memory, int offset) {
  static final int STATX_DIOALIGN = 0x2000; // linux/stat.h
  static final int STATX_SIZE = 256;
  static final int STX_MASK = 0;
  static final int STX_DIO_MEM_ALIGN = 152;
  static final int STX_DIO_OFFSET_ALIGN = 156;

  /** The smallest sector there is, and the largest that a page cache can hold. */
  private static final int SMALLEST = 512;

  private static final int LARGEST = Mapping.PAGE_SIZE;

  /**
   * Finds out what a file that is open past the page cache asks for: the kernel says so since 6.1;
   * a block device has its sectors; else it is tried.
   *
   * @return null where the file cannot be read so
   */
  public static @Nullable DirectAlignment of(OpenFile file) {
    CallState state = CallState.current();
    MemorySegment statx = state.scratch().asSlice(0, STATX_SIZE).fill((byte) 0);
    long path = state.scratch().address() + STATX_SIZE;
    state.scratch().set(ValueLayout.JAVA_BYTE, STATX_SIZE, (byte) 0);
    long result =
        Syscall.call(
            state,
            SyscallNumber.STATX,
            file.fd().number(),
            path,
            Fcntl.AT_EMPTY_PATH,
            STATX_DIOALIGN,
            statx.address(),
            0);
    if (result == 0 && (statx.get(ValueLayout.JAVA_INT, STX_MASK) & STATX_DIOALIGN) != 0) {
      int memory = statx.get(ValueLayout.JAVA_INT, STX_DIO_MEM_ALIGN);
      int offset = statx.get(ValueLayout.JAVA_INT, STX_DIO_OFFSET_ALIGN);
      return memory > 0 && offset > 0 ? new DirectAlignment(memory, offset) : null;
    }
    if (file.isBlockDevice()) {
      int sector = new BlockDevice(file).logicalBlockSize();
      return new DirectAlignment(sector, sector);
    }
    return tried(file);
  }

  private static @Nullable DirectAlignment tried(OpenFile file) {
    CallState state = CallState.current();
    try (Mapping buffer = Mapping.anonymous("alignment probe", 2L * LARGEST)) {
      for (int size = SMALLEST; size <= LARGEST; size *= 2) {
        // Off a larger multiple, so that only this one is proved.
        long n = file.tryRead(state, buffer.address() + size, size, size);
        if (n > 0) {
          return new DirectAlignment(size, size);
        }
        if (n < 0 && n != -Errno.EINVAL) {
          return null;
        }
      }
      return new DirectAlignment(LARGEST, LARGEST);
    }
  }
}
