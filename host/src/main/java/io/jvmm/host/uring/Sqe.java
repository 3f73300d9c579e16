package io.jvmm.host.uring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The entry of a submission queue that is being filled ({@code struct io_uring_sqe}), a method an
 * operation. Files are named by their index among the ring's registered files.
 *
 * <p>Memory whose address an operation takes stays as it is until the operation's end; arrays of
 * iovecs may change after the entry was submitted.
 *
 * <p>Threads: the ring's.
 */
public final class Sqe {
  private final MemorySegment entries;
  private long at;

  Sqe(MemorySegment entries) {
    this.entries = entries;
  }

  Sqe moveTo(int index) {
    at = (long) index * UringAbi.SQE_SIZE;
    return this;
  }

  /** Hot: does nothing. */
  public void nop(long userData) {
    fill(UringAbi.IORING_OP_NOP, 0, -1, 0, 0, 0, 0, userData);
  }

  /** Hot: {@code preadv2(2)}: answers bytes, or 0 at the end of the file. */
  public void readVector(int file, long iovecs, int count, long offset, long userData) {
    fill(
        UringAbi.IORING_OP_READV,
        UringAbi.IOSQE_FIXED_FILE,
        file,
        offset,
        iovecs,
        count,
        0,
        userData);
  }

  /** Hot: {@code pwritev2(2)}: answers bytes. */
  public void writeVector(int file, long iovecs, int count, long offset, long userData) {
    fill(
        UringAbi.IORING_OP_WRITEV,
        UringAbi.IOSQE_FIXED_FILE,
        file,
        offset,
        iovecs,
        count,
        0,
        userData);
  }

  /** Hot: {@code fdatasync(2)}. */
  public void dataSync(int file, long userData) {
    fill(
        UringAbi.IORING_OP_FSYNC,
        UringAbi.IOSQE_FIXED_FILE,
        file,
        0,
        0,
        0,
        UringAbi.IORING_FSYNC_DATASYNC,
        userData);
  }

  /** Hot: {@code fallocate(2)}; {@code mode} as it takes it. */
  public void allocate(int file, int mode, long offset, long length, long userData) {
    fill(
        UringAbi.IORING_OP_FALLOCATE,
        UringAbi.IOSQE_FIXED_FILE,
        file,
        offset,
        length,
        mode,
        0,
        userData);
  }

  /**
   * Hot: ends an earlier operation with ECANCELED where that is possible. Answers 0, ENOENT where
   * there is none any more, or EALREADY where it is past stopping.
   *
   * @param cancelled the user data of that operation
   */
  public void cancel(long cancelled, long userData) {
    fill(UringAbi.IORING_OP_ASYNC_CANCEL, 0, -1, 0, cancelled, 0, 0, userData);
  }

  private void fill(
      int opcode,
      int flags,
      int file,
      long offset,
      long address,
      int length,
      int operationFlags,
      long userData) {
    // Entries are reused: every byte is written. ioprio is 0, and so is all behind user_data.
    entries.set(ValueLayout.JAVA_LONG, at + UringAbi.SQE_OPCODE, first(opcode, flags, file));
    entries.set(ValueLayout.JAVA_LONG, at + UringAbi.SQE_OFF, offset);
    entries.set(ValueLayout.JAVA_LONG, at + UringAbi.SQE_ADDR, address);
    entries.set(ValueLayout.JAVA_INT, at + UringAbi.SQE_LEN, length);
    entries.set(ValueLayout.JAVA_INT, at + UringAbi.SQE_OP_FLAGS, operationFlags);
    entries.set(ValueLayout.JAVA_LONG, at + UringAbi.SQE_USER_DATA, userData);
    entries.set(ValueLayout.JAVA_LONG, at + UringAbi.SQE_USER_DATA + 8, 0L);
    entries.set(ValueLayout.JAVA_LONG, at + UringAbi.SQE_USER_DATA + 16, 0L);
    entries.set(ValueLayout.JAVA_LONG, at + UringAbi.SQE_USER_DATA + 24, 0L);
  }

  /** u8 opcode, u8 flags, u16 ioprio, s32 fd, in one store. */
  private static long first(int opcode, int flags, int file) {
    return (long) file << 32 | flags << 8 | opcode;
  }
}
