package io.jvmm.devices.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;

/**
 * What {@code qemu-img check} looks for, in images without snapshots and compressed clusters: every
 * cluster that is referred to has a refcount for it, and COPIED bits tell the truth.
 */
final class ImageCheck {
  private static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;

  private final String when;
  private final ByteBuffer image;
  private final int clusterBits;
  private final int refcountOrder;
  private final long tableOffset;
  private final int tableEntries;
  private final int[] references;

  private ImageCheck(String when, byte[] content) {
    this.when = when;
    this.image = ByteBuffer.wrap(content);
    this.clusterBits = image.getInt(20);
    this.refcountOrder = image.getInt(4) == 3 ? image.getInt(96) : 4;
    this.tableOffset = image.getLong(48);
    this.tableEntries = image.getInt(56) << (clusterBits - 3);
    this.references = new int[(content.length >> clusterBits) + 1];
  }

  /**
   * Finds anything wrong but leaks.
   *
   * @return how many clusters have leaked
   */
  static int check(String when, byte[] content) {
    return new ImageCheck(when, content).check();
  }

  private int check() {
    refer("header", 0, 1);
    refer("refcount table", tableOffset, tableEntries >> (clusterBits - 3));
    for (int i = 0; i < tableEntries; i++) {
      long block = get(tableOffset + 8L * i);
      if (block != 0) {
        refer("refcount block " + i, block, 1);
      }
    }
    int l1Entries = image.getInt(36);
    long l1 = image.getLong(40);
    refer("L1 table", l1, ((l1Entries * 8 - 1) >> clusterBits) + 1);
    for (int i = 0; i < l1Entries; i++) {
      long entry = get(l1 + 8L * i);
      if (entry != 0) {
        refer("L2 table " + i, entry & OFFSET_MASK, 1);
        assertTrue(entry < 0, when + ": L2 table " + i + " is not COPIED");
        checkL2(entry & OFFSET_MASK);
      }
    }
    int leaks = 0;
    for (int i = 0; i < references.length; i++) {
      long refcount = refcount(i);
      if (references[i] > 0) {
        assertEquals(references[i], refcount, when + ": references to cluster " + i);
      } else if (refcount > 0) {
        leaks++;
      }
    }
    return leaks;
  }

  private void checkL2(long table) {
    for (int i = 0; i < 1 << (clusterBits - 3); i++) {
      long entry = get(table + 8L * i);
      if ((entry & OFFSET_MASK) != 0) {
        assertEquals(0, (entry >>> 62) & 1, when + ": a compressed cluster");
        refer("data", entry & OFFSET_MASK, 1);
        assertTrue(entry < 0, when + ": data is not COPIED");
      }
    }
  }

  private void refer(String what, long offset, int count) {
    assertEquals(0, offset & (1 << clusterBits) - 1, when + ": alignment of " + what);
    for (int i = 0; i < count; i++) {
      int cluster = (int) (offset >> clusterBits) + i;
      assertTrue(cluster < references.length, when + ": " + what + " is behind the end");
      references[cluster]++;
      assertEquals(1, references[cluster], when + ": references, " + what + " is one of them");
    }
  }

  /** What is behind the end reads as zeroes. */
  private long get(long offset) {
    return offset + 8 <= image.capacity() ? image.getLong((int) offset) : 0;
  }

  private long refcount(int cluster) {
    int blockBits = clusterBits + 3 - refcountOrder;
    int index = cluster >> blockBits;
    long block = index < tableEntries ? get(tableOffset + 8L * index) : 0;
    if (block == 0) {
      return 0;
    }
    long bit = (long) (cluster & ((1 << blockBits) - 1)) << refcountOrder;
    long word = get(block + ((bit >> 6) << 3));
    int inWord = (int) (bit & 63);
    // In a word of eight bytes, the first byte is the highest; in a byte, the first bits are
    // lowest.
    int shift =
        refcountOrder >= 3 ? 64 - inWord - (1 << refcountOrder) : 56 - (inWord & 56) + (inWord & 7);
    long mask = refcountOrder == 6 ? -1 : (1L << (1 << refcountOrder)) - 1;
    return (word >>> shift) & mask;
  }
}
