package io.jvmm.devices.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.devices.block.DiskImage;
import io.jvmm.host.CallState;
import io.jvmm.memory.GuestMemory;
import io.jvmm.memory.IovecArray;
import java.util.Random;

/** A guest's memory in front of an image: requests in buffers of random lengths. */
final class GuestBuffers implements AutoCloseable {
  private static final int RAM = 32 << 20;
  private static final int CHUNK = 8 << 20;

  final CallState state = CallState.current();
  private final GuestMemory memory =
      GuestMemory.allocate(RAM, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS);
  private final IovecArray buffers = new IovecArray(IovecArray.IOV_MAX);
  private final Random random;

  GuestBuffers(long seed) {
    this.random = new Random(seed);
  }

  private void lay(int length) {
    buffers.clear();
    int most = random.nextInt(8) == 0 ? IovecArray.IOV_MAX : 1 + random.nextInt(6);
    int at = 0;
    for (int i = 1; i < most && length - at > 1; i++) {
      int piece = 1 + random.nextInt(Math.min(length - at - 1, 1 + 2 * length / most));
      buffers.add(memory.check(at, piece), piece);
      at += piece;
    }
    buffers.add(memory.check(at, length - at), length - at);
  }

  int tryRead(DiskImage image, long offset, int length) {
    lay(length);
    return image.read(state, buffers, offset);
  }

  byte[] read(DiskImage image, long offset, int length) {
    byte[] content = new byte[length];
    for (int at = 0; at < length; at += CHUNK) {
      int n = Math.min(CHUNK, length - at);
      assertEquals(0, tryRead(image, offset + at, n), "read at " + (offset + at));
      memory.read(0, content, at, n);
    }
    return content;
  }

  int tryWrite(DiskImage image, long offset, byte[] content) {
    lay(content.length);
    memory.write(0, content, 0, content.length);
    return image.write(state, buffers, offset);
  }

  void write(DiskImage image, long offset, byte[] content) {
    assertEquals(0, tryWrite(image, offset, content), "write at " + offset);
  }

  @Override
  public void close() {
    buffers.close();
    memory.close();
  }
}
