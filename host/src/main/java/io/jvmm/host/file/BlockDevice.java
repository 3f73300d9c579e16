package io.jvmm.host.file;

import io.jvmm.host.CallState;
import io.jvmm.host.Ioctl;
import io.jvmm.host.SyscallException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a block device of the host can be asked and told beyond reading and writing ({@code
 * linux/fs.h}). The file stays its owner's.
 *
 * <p>Threads: any, each with its own {@link CallState}.
 */
public final class BlockDevice {
  static final int BLKSSZGET = Ioctl.io(0x12, 104); // linux/fs.h
  static final int BLKDISCARD = Ioctl.io(0x12, 119);
  static final int BLKIOOPT = Ioctl.io(0x12, 121);
  static final int BLKPBSZGET = Ioctl.io(0x12, 123);
  static final int BLKZEROOUT = Ioctl.io(0x12, 127);

  /** Digits that a number in sysfs may have, the newline included. */
  private static final int SYSFS_NUMBER_MAX = 32;

  private final OpenFile file;

  /**
   * @param file a block device
   */
  public BlockDevice(OpenFile file) {
    this.file = file;
  }

  /** Bytes in its smallest transfer. */
  public int logicalBlockSize() {
    return number("BLKSSZGET", BLKSSZGET);
  }

  /** Bytes that its medium writes at once. */
  public int physicalBlockSize() {
    return number("BLKPBSZGET", BLKPBSZGET);
  }

  /** Bytes that are best moved at once, 0 where it does not say. */
  public int optimalIoSize() {
    return number("BLKIOOPT", BLKIOOPT);
  }

  private int number(String name, int request) {
    MemorySegment answer = CallState.current().scratch();
    Ioctl.call(file.fd(), name, request, answer.address());
    return answer.get(ValueLayout.JAVA_INT, 0);
  }

  /** Bytes below which discarding gives nothing back; 0 where it cannot discard. */
  public int discardGranularity() {
    long device = file.deviceNumber();
    String folder = "/sys/dev/block/" + major(device) + ":" + minor(device);
    long bytes = sysfsNumber(folder + "/queue/discard_granularity");
    if (bytes < 0) { // a partition has its disk's
      bytes = sysfsNumber(folder + "/../queue/discard_granularity");
    }
    return bytes > 0 && bytes <= Integer.MAX_VALUE ? (int) bytes : 0;
  }

  /** -1 where there is none. */
  private static long sysfsNumber(String path) {
    try (OpenFile attribute = OpenFile.forReading(path)) {
      CallState state = CallState.current();
      MemorySegment text = state.scratch();
      long length = attribute.tryRead(state, text.address(), SYSFS_NUMBER_MAX, 0);
      long number = 0;
      for (int i = 0; i < length; i++) {
        int digit = text.get(ValueLayout.JAVA_BYTE, i) - '0';
        if (digit < 0 || digit > 9) {
          break;
        }
        number = number * 10 + digit;
      }
      return length > 0 ? number : -1;
    } catch (SyscallException e) {
      return -1;
    }
  }

  /** {@code major(3)}. */
  static int major(long device) {
    return (int) ((device >>> 32 & 0xfffff000L) | (device >>> 8 & 0xfff));
  }

  /** {@code minor(3)}. */
  static int minor(long device) {
    return (int) ((device >>> 12 & 0xffffff00L) | (device & 0xff));
  }

  /**
   * The range is no longer needed.
   *
   * @return 0, or {@code -errno}: EOPNOTSUPP where it cannot discard
   */
  public long tryDiscard(CallState state, long offset, long length) {
    return onRange(state, BLKDISCARD, offset, length);
  }

  /** The range reads as zeroes afterwards, by whatever means it has; 0, or {@code -errno}. */
  public long tryZero(CallState state, long offset, long length) {
    return onRange(state, BLKZEROOUT, offset, length);
  }

  private long onRange(CallState state, int request, long offset, long length) {
    MemorySegment range = state.scratch(); // u64 start, u64 length
    range.set(ValueLayout.JAVA_LONG, 0, offset);
    range.set(ValueLayout.JAVA_LONG, Long.BYTES, length);
    return Ioctl.tryCall(state, file.fd().number(), request, range.address());
  }
}
