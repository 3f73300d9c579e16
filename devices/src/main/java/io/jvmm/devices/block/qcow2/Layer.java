package io.jvmm.devices.block.qcow2;

import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;

/**
 * A backing file: what an image shows where it has nothing itself.
 *
 * <p>Threads: one at a time.
 */
interface Layer extends AutoCloseable {
  /** In bytes; behind that it reads as zeroes. */
  long size();

  /** Hot: reads into all of the buffers, which it uses up; 0 or {@code -errno}. */
  int read(CallState state, IovecArray buffers, long offset);

  @Override
  void close();
}
