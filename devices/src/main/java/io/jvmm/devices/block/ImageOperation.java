package io.jvmm.devices.block;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import org.jspecify.annotations.Nullable;

/**
 * One operation on its way from the I/O thread to a worker and back; reused.
 *
 * <p>Threads: whoever has it. The queues that it travels through hand its fields over.
 */
final class ImageOperation {
  static final int READ = 0;
  static final int WRITE = 1;
  static final int FLUSH = 2;
  static final int DISCARD = 3;
  static final int ZEROES = 4;
  static final int ZEROES_OR_DISCARD = 5;

  private int kind;
  private @Nullable IovecArray buffers;
  private long offset;
  private long length;
  private int token;
  private int era;
  private int result;

  /**
   * I/O thread: says what is to be done.
   *
   * @param era the count of cancellations so far: a later one makes it end without having begun
   */
  void set(int kind, @Nullable IovecArray buffers, long offset, long length, int token, int era) {
    this.kind = kind;
    this.buffers = buffers;
    this.offset = offset;
    this.length = length;
    this.token = token;
    this.era = era;
  }

  int era() {
    return era;
  }

  int token() {
    return token;
  }

  int result() {
    return result;
  }

  void setResult(int result) {
    this.result = result;
  }

  /** Worker: does it, and answers what the image does. */
  int perform(CallState state, DiskImage image) {
    IovecArray data = buffers;
    if (data != null) {
      return kind == READ ? image.read(state, data, offset) : image.write(state, data, offset);
    }
    return switch (kind) {
      case FLUSH -> image.flush(state);
      case DISCARD -> image.discard(state, offset, length);
      case ZEROES -> image.writeZeroes(state, offset, length, false);
      case ZEROES_OR_DISCARD -> image.writeZeroes(state, offset, length, true);
      default -> -Errno.EINVAL;
    };
  }
}
