package io.jvmm.devices.block;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;

/** Works an image on the I/O thread: everything is done at once, which keeps tests simple. */
final class InlineImage implements BlockBackend {
  private final DiskImage image;

  InlineImage(DiskImage image) {
    this.image = image;
  }

  @Override
  public String name() {
    return image.name();
  }

  @Override
  public long length() {
    return image.length();
  }

  @Override
  public long refreshLength(CallState state) {
    return image.refreshLength(state);
  }

  @Override
  public boolean isReadOnly() {
    return image.isReadOnly();
  }

  @Override
  public BlockLimits limits() {
    return image.limits();
  }

  @Override
  public int maxPending() {
    return 1;
  }

  @Override
  public void attach(IoLoop loop, BlockCompletion completion) {
    // Nothing is ever pending.
  }

  @Override
  public int read(CallState state, IovecArray buffers, long offset, int token) {
    return image.read(state, buffers, offset);
  }

  @Override
  public int write(CallState state, IovecArray buffers, long offset, int token) {
    return image.write(state, buffers, offset);
  }

  @Override
  public int flush(CallState state, int token) {
    return image.flush(state);
  }

  @Override
  public int discard(CallState state, long offset, long length, int token) {
    return image.discard(state, offset, length);
  }

  @Override
  public int writeZeroes(CallState state, long offset, long length, boolean mayDiscard, int token) {
    return image.writeZeroes(state, offset, length, mayDiscard);
  }

  @Override
  public void close() {
    image.close();
  }
}
