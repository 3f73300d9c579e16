package io.jvmm.boot.tables;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The table of segment descriptors at entry: two empty, then code, data and task. */
public final class Gdt {
  private Gdt() {}

  /**
   * The table's bytes.
   *
   * @param code {@link SegmentDescriptor#CODE_64} or {@link SegmentDescriptor#CODE_32}
   */
  public static byte[] bytes(SegmentDescriptor code) {
    byte[] table = new byte[SegmentDescriptor.GDT_SIZE];
    ByteBuffer out = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
    put(out, code);
    put(out, SegmentDescriptor.DATA);
    put(out, SegmentDescriptor.TASK);
    return table;
  }

  private static void put(ByteBuffer out, SegmentDescriptor segment) {
    out.putLong(segment.selector(), segment.bits());
  }
}
