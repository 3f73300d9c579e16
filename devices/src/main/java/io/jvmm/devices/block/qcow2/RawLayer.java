package io.jvmm.devices.block.qcow2;

import io.jvmm.host.CallState;
import io.jvmm.memory.IovecArray;

/** A raw file below an image. */
final class RawLayer implements Layer {
  private final ImageFile file;

  /** Takes ownership of the file. */
  RawLayer(ImageFile file) {
    this.file = file;
  }

  @Override
  public long size() {
    return file.length();
  }

  @Override
  public int read(CallState state, IovecArray buffers, long offset) {
    return file.readVector(state, buffers, offset);
  }

  @Override
  public void close() {
    file.close();
  }
}
