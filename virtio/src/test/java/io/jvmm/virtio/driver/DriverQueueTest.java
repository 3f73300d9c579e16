package io.jvmm.virtio.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.memory.GuestMemory;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DriverQueueTest {
  /** Worked out by hand from virtio 1.2, 2.7.5, 2.7.6 and 2.7.8; a queue of four at 0x1000. */
  private static final String GOLDEN =
      ""
          // 0x1000 descriptor 0: addr 0x2000, len 16, NEXT, next 1
          + "0020000000000000"
          + "10000000"
          + "0100"
          + "0100"
          // 0x1010 descriptor 1: addr 0x3000, len 512, NEXT | WRITE, next 2
          + "0030000000000000"
          + "00020000"
          + "0300"
          + "0200"
          // 0x1020 descriptor 2: addr 0x3200, len 1, WRITE
          + "0032000000000000"
          + "01000000"
          + "0200"
          + "0000"
          // 0x1030 descriptor 3: the second chain, addr 0x4000, len 4, readable
          + "0040000000000000"
          + "04000000"
          + "0000"
          + "0000"
          // 0x1040 available ring: flags NO_INTERRUPT, idx 2, ring 0 3 0 0, used_event 7
          + "0100"
          + "0200"
          + "0000030000000000"
          + "0700"
          // 0x104e to the next multiple of four
          + "0000"
          // 0x1050 used ring: flags, idx, four elements, avail_event
          + "00000000"
          + "0000000000000000".repeat(4)
          + "0000";

  @Test
  void theLayoutIsTheSpecs() {
    try (GuestMemory memory =
        GuestMemory.allocate(1 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS)) {
      DriverQueue queue = new DriverQueue(memory, 0x1000, 4);
      queue.chain().read(0x2000, 16).write(0x3000, 512).write(0x3200, 1).submit();
      queue.chain().read(0x4000, 4).submit();
      queue.setNoInterrupt(true);
      queue.setUsedEvent(7);

      byte[] dump = new byte[(int) (queue.end() - 0x1000)];
      memory.read(0x1000, dump, 0, dump.length);
      assertEquals(GOLDEN, HexFormat.of().formatHex(dump));
    }
  }

  @Test
  void aUsedElementIsReadWhereTheSpecHasIt() {
    try (GuestMemory memory =
        GuestMemory.allocate(1 << 20, 1 << 30, 1L << 32, GuestMemory.Backing.ANONYMOUS)) {
      DriverQueue queue = new DriverQueue(memory, 0x1000, 4);
      queue.chain().read(0x2000, 16).submit();
      queue.chain().read(0x2000, 16).submit();
      memory.write(0x1054, HexFormat.of().parseHex("0100000044332211")); // id 1, len
      memory.write(0x1050, HexFormat.of().parseHex("01000100")); // NO_NOTIFY, idx 1
      memory.write(0x1074, HexFormat.of().parseHex("0500")); // avail_event

      assertEquals(true, queue.reap());
      assertEquals(1, queue.reapedHead());
      assertEquals(0x11223344L, queue.reapedLength());
      assertEquals(false, queue.reap());
      assertEquals(1, queue.usedFlags());
      assertEquals(5, queue.availEvent());
      assertEquals(3, queue.freeCount());
    }
  }
}
