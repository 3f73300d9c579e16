package io.jvmm.boot.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.boot.Hex;
import org.junit.jupiter.api.Test;

class GdtTest {
  @Test
  void itsBytesAreThoseWorkedOutByHand() {
    assertEquals(
        "00 00 00 00 00 00 00 00 " // null
            + "00 00 00 00 00 00 00 00 "
            + "ff ff 00 00 00 9b af 00 " // 0x10: present, code, read, accessed; G, L, limit 0xfffff
            + "ff ff 00 00 00 93 cf 00 " // 0x18: present, data, write, accessed; G, D
            + "67 00 00 00 00 8b 00 00 " // 0x20: present, busy 64-bit TSS, limit 0x67
            + "00 00 00 00 00 00 00 00",
        Hex.of(Gdt.bytes(SegmentDescriptor.CODE_64)));
    assertEquals(
        "ff ff 00 00 00 9b cf 00", // G, D, no L
        Hex.of(Gdt.bytes(SegmentDescriptor.CODE_32), 0x10, 8));
  }

  @Test
  void the64BitCodeSegmentIsTakenApart() {
    SegmentDescriptor code = SegmentDescriptor.CODE_64;
    assertEquals(0x10, code.selector());
    assertEquals(0, code.base());
    assertEquals(0xFFFF_FFFF, code.limit());
    assertEquals(0xB, code.type());
    assertEquals(1, code.codeOrData());
    assertEquals(0, code.privilege());
    assertEquals(1, code.present());
    assertEquals(1, code.longMode());
    assertEquals(0, code.defaultSize());
    assertEquals(1, code.granularity());
  }

  @Test
  void theTaskSegmentIsTakenApart() {
    SegmentDescriptor task = SegmentDescriptor.TASK;
    assertEquals(0x20, task.selector());
    assertEquals(0x67, task.limit());
    assertEquals(0xB, task.type());
    assertEquals(0, task.codeOrData());
    assertEquals(1, task.present());
    assertEquals(0, task.granularity());
  }

  @Test
  void eachFieldComesFromItsOwnBits() {
    SegmentDescriptor odd = new SegmentDescriptor(8, 0x12_6A_D4_34_5678_9ABCL);
    assertEquals(0x1234_5678, odd.base());
    assertEquals(0xA_9ABC, odd.limit());
    assertEquals(4, odd.type());
    assertEquals(1, odd.codeOrData());
    assertEquals(2, odd.privilege());
    assertEquals(1, odd.present());
    assertEquals(1, odd.longMode());
    assertEquals(1, odd.defaultSize());
    assertEquals(0, odd.granularity());
  }
}
