package io.jvmm.devices.block.qcow2;

import io.jvmm.host.CallState;
import io.jvmm.host.SyscallException;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.MemorySegment;

/**
 * The host's file below an image. Calls move all bytes and answer 0, or {@code -errno}. What lies
 * behind the file's end reads as zeroes.
 *
 * <p>Threads: one at a time.
 */
interface ImageFile extends AutoCloseable {
  /** What it is, for people: a path. */
  String name();

  /** In bytes, as it was opened. */
  long length();

  /** Hot: reads into a native segment. */
  int read(CallState state, MemorySegment to, long at, long length, long offset);

  /**
   * Fills a native segment, while an image is being opened.
   *
   * @throws SyscallException where that fails
   */
  default void load(CallState state, MemorySegment to, long offset, String what) {
    int result = read(state, to, 0, to.byteSize(), offset);
    if (result < 0) {
      throw new SyscallException(what, name(), -result);
    }
  }

  /** Hot: reads into all of the buffers, which it uses up. */
  int readVector(CallState state, IovecArray buffers, long offset);

  /** Hot: writes from a native segment. */
  int write(CallState state, MemorySegment from, long at, long length, long offset);

  /** Hot: writes all of the buffers, which it uses up. */
  int writeVector(CallState state, IovecArray buffers, long offset);

  /**
   * Hot: what was written is on the medium. After one error it answers with errors for ever: what
   * was lost then, no later call brings back.
   */
  int sync(CallState state);

  /** Gives the host the space of a range back, where it can: then it reads as zeroes. */
  void release(CallState state, long offset, long length);

  @Override
  void close();
}
