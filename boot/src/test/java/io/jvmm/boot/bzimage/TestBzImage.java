package io.jvmm.boot.bzimage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes small bzImages for tests: a boot sector with its setup header, four more setup sectors,
 * and a kernel of 0x11 bytes. Written from Linux' Documentation/x86/boot.rst.
 */
public final class TestBzImage {
  /** Where the kernel begins: a boot sector and four more. */
  public static final int KERNEL_OFFSET = 5 * 512;

  /** Where it wants to lie: 16 MiB, as every Linux does. */
  public static final long ADDRESS = 0x100_0000;

  /** How much it works in. */
  public static final int INIT_SIZE = 0x10_0000;

  private TestBzImage() {}

  /** A good one, whose kernel has so many bytes, a multiple of 16. */
  public static ByteBuffer of(int kernelSize) {
    ByteBuffer out = ByteBuffer.allocate(KERNEL_OFFSET + kernelSize).order(ByteOrder.LITTLE_ENDIAN);
    out.put(0x1F1, (byte) 4).putInt(0x1F4, kernelSize / 16);
    out.putShort(0x1FE, (short) 0xAA55);
    out.put(0x200, (byte) 0xEB).put(0x201, (byte) 0x6A); // jmp over the header, to 0x26c
    out.put(0x202, new byte[] {'H', 'd', 'r', 'S'});
    out.putShort(0x206, (short) 0x020F);
    out.put(0x211, (byte) 1);
    out.putInt(0x22C, 0x7FFF_FFFF);
    out.putInt(0x230, 0x20_0000).put(0x234, (byte) 1);
    out.putShort(0x236, (short) 0x3F);
    out.putInt(0x238, 2047);
    out.putLong(0x258, ADDRESS);
    out.putInt(0x260, INIT_SIZE);
    for (int i = KERNEL_OFFSET; i < out.capacity(); i++) {
      out.put(i, (byte) 0x11);
    }
    return out;
  }

  /** The file's bytes, up to the buffer's limit. */
  public static byte[] bytes(ByteBuffer file) {
    byte[] bytes = new byte[file.limit()];
    file.get(0, bytes);
    return bytes;
  }
}
