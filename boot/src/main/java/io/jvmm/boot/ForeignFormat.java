package io.jvmm.boot;

/** Names what is not a kernel of this machine, as far as its first bytes tell. */
final class ForeignFormat {
  /** {@code ARM\x64} and {@code RSC\x05}, at the same place of a header of 64 bytes. */
  private static final int IMAGE_MAGIC = 56;

  private ForeignFormat() {}

  static String describe(byte[] head) {
    if (begins(head, IMAGE_MAGIC, 'A', 'R', 'M', 0x64)) {
      return "is an arm64 Image; this machine is x86-64";
    }
    if (begins(head, IMAGE_MAGIC, 'R', 'S', 'C', 0x05)) {
      return "is a RISC-V Image; this machine is x86-64";
    }
    if (begins(head, 0, 0x1F, 0x8B)
        || begins(head, 0, 0xFD, '7', 'z', 'X', 'Z')
        || begins(head, 0, 0x28, 0xB5, 0x2F, 0xFD)) {
      return "is a compressed file; unpack it first";
    }
    return "is neither an ELF vmlinux nor a bzImage";
  }

  private static boolean begins(byte[] head, int at, int... magic) {
    if (head.length < at + magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((head[at + i] & 0xFF) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
