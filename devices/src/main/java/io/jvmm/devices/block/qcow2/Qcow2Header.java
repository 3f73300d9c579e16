package io.jvmm.devices.block.qcow2;

import static io.jvmm.devices.block.qcow2.BigEndian.BE32;
import static io.jvmm.devices.block.qcow2.BigEndian.BE64;

import io.jvmm.devices.block.DiskException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The header, checked: what it names is aligned, lies within the file and is of bounded size.
 *
 * @param version 2 or 3
 * @param clusterBits 9 to 21: the logarithm of a cluster's bytes
 * @param size the disk's, in bytes
 * @param l1Offset where the L1 table lies
 * @param refcountOffset where the refcount table lies
 * @param refcountClusters how many clusters it has
 * @param refcountOrder 0 to 6: the logarithm of a refcount's bits
 * @param isDirty whether refcounts may be wrong
 * @param isCorrupt whether somebody has found the tables to be wrong
 * @param autoclear features that a writer who does not know them must take back
 * @param backing the backing file's name, as it is written
 * @param backingFormat its format's name
 */
record Qcow2Header(
    int version,
    int clusterBits,
    long size,
    long l1Offset,
    long refcountOffset,
    int refcountClusters,
    int refcountOrder,
    boolean isDirty,
    boolean isCorrupt,
    long autoclear,
    @Nullable String backing,
    @Nullable String backingFormat) {

  /** All that is read of the header, its extensions and names: QEMU's are shorter than one KiB. */
  static final int LENGTH_MAX = 1 << 16;

  /** As QEMU's: the table is held in memory. */
  static final long L1_BYTES_MAX = 32L << 20;

  /** As QEMU's: this table as well. */
  static final long REFCOUNT_TABLE_BYTES_MAX = 8L << 20;

  static final int REFCOUNT_OFFSET_AT = 48;
  static final int AUTOCLEAR_AT = 88;

  private static final int MAGIC = 'Q' << 24 | 'F' << 16 | 'I' << 8 | 0xfb;
  private static final int V2_LENGTH = 72;
  private static final int V3_LENGTH = 104;
  private static final int CLUSTER_BITS_MIN = 9;
  private static final int CLUSTER_BITS_MAX = 21;
  private static final int REFCOUNT_ORDER_V2 = 4;
  private static final int REFCOUNT_ORDER_MAX = 6;
  private static final int BACKING_NAME_MAX = 1023;
  private static final int SECTOR = 512;

  private static final int INCOMPATIBLE_DIRTY = 1;
  private static final int INCOMPATIBLE_CORRUPT = 1 << 1;
  private static final int INCOMPATIBLE_EXTERNAL_DATA = 1 << 2;
  private static final int INCOMPATIBLE_COMPRESSION = 1 << 3;
  private static final int INCOMPATIBLE_SUBCLUSTERS = 1 << 4;
  private static final int EXTENSION_BACKING_FORMAT = 0xe2792aca;

  /** A cluster's bytes. */
  int clusterSize() {
    return 1 << clusterBits;
  }

  /** The logarithm of the entries of an L2 table, eight bytes each. */
  int l2Bits() {
    return clusterBits - 3;
  }

  /** How many entries of the L1 table the disk needs. */
  int l1Entries() {
    int shift = clusterBits + l2Bits();
    return (int) ((size + (1L << shift) - 1) >>> shift);
  }

  /** Where the cluster ends that this byte lies in, or the one before where it begins one. */
  long roundUp(long offset) {
    return (offset + clusterSize() - 1) & -clusterSize();
  }

  /**
   * Reads a header.
   *
   * @param name the image's, for messages
   * @param head the file's first bytes, {@value #LENGTH_MAX} where it has as many
   * @throws DiskException where it is no qcow2 image, or one that jvmm cannot use
   */
  static Qcow2Header parse(String name, MemorySegment head, long fileLength) {
    return new Parser(name, head, fileLength).parse();
  }

  /** Reads one header. */
  private record Parser(String name, MemorySegment head, long fileLength) {
    Qcow2Header parse() {
      if (head.byteSize() < V2_LENGTH || u32(0) != (MAGIC & 0xffff_ffffL)) {
        throw refuse("is not a qcow2 image");
      }
      long version = u32(4);
      if (version != 2 && version != 3) {
        throw refuse("is qcow2 version " + version + "; versions 2 and 3 can be used");
      }
      boolean isThree = version == 3;
      if (isThree && head.byteSize() < V3_LENGTH) {
        throw refuse("is cut off in its header");
      }
      long incompatible = isThree ? u64(72) : 0;
      checkFeatures(incompatible);
      long clusterBits = u32(20);
      if (clusterBits < CLUSTER_BITS_MIN || clusterBits > CLUSTER_BITS_MAX) {
        throw broken("clusters of 2^" + clusterBits + " bytes");
      }
      if (u32(32) != 0) {
        throw refuse("is encrypted, which is not supported; decrypt it with qemu-img convert");
      }
      long order = isThree ? u32(96) : REFCOUNT_ORDER_V2;
      if (order > REFCOUNT_ORDER_MAX) {
        throw broken("refcounts of 2^" + order + " bits");
      }
      long headerLength = isThree ? u32(100) : V2_LENGTH;
      long limit = Math.min(1L << clusterBits, head.byteSize());
      if (headerLength < (isThree ? V3_LENGTH : V2_LENGTH)
          || headerLength > limit
          || headerLength % 8 != 0) {
        throw broken("a header of " + headerLength + " bytes");
      }
      checkCompression(incompatible, headerLength);
      Qcow2Header header =
          new Qcow2Header(
              (int) version,
              (int) clusterBits,
              u64(24),
              u64(40),
              u64(REFCOUNT_OFFSET_AT),
              (int) Math.min(u32(56), Integer.MAX_VALUE),
              (int) order,
              (incompatible & INCOMPATIBLE_DIRTY) != 0,
              (incompatible & INCOMPATIBLE_CORRUPT) != 0,
              isThree ? u64(AUTOCLEAR_AT) : 0,
              backing(limit),
              backingFormat(headerLength, limit));
      checkTables(header);
      return header;
    }

    private void checkFeatures(long incompatible) {
      if ((incompatible & INCOMPATIBLE_EXTERNAL_DATA) != 0) {
        throw refuse("keeps its data in another file, which is not supported");
      }
      if ((incompatible & INCOMPATIBLE_SUBCLUSTERS) != 0) {
        throw refuse(
            "has subclusters (extended_l2), which are not supported;"
                + " make one without by qemu-img convert -o extended_l2=off");
      }
      long known = INCOMPATIBLE_DIRTY | INCOMPATIBLE_CORRUPT | INCOMPATIBLE_COMPRESSION;
      if ((incompatible & ~known) != 0) {
        throw refuse(
            "needs features that are not known here (bits 0x"
                + Long.toHexString(incompatible & ~known)
                + ")");
      }
    }

    private void checkCompression(long incompatible, long headerLength) {
      int type = headerLength > V3_LENGTH ? head.get(ValueLayout.JAVA_BYTE, V3_LENGTH) : 0;
      if (type != 0 || (incompatible & INCOMPATIBLE_COMPRESSION) != 0) {
        throw refuse(
            "is compressed with zstd or another method that is not supported;"
                + " make one with zlib by qemu-img convert -c -o compression_type=zlib");
      }
    }

    private void checkTables(Qcow2Header header) {
      long cluster = header.clusterSize();
      if (header.size < SECTOR) {
        throw header.size < 0
            ? broken("a size of 2^63 bytes or more")
            : refuse("is smaller than a sector of 512 bytes");
      }
      int shift = header.clusterBits + header.l2Bits();
      if ((header.size - 1) >>> shift >= L1_BYTES_MAX / Long.BYTES) {
        throw refuse("is too large for its clusters of " + cluster + " bytes");
      }
      if (u32(36) < header.l1Entries()) {
        throw broken("an L1 table too short for its size");
      }
      checkTable("L1 table", header, header.l1Offset, (long) header.l1Entries() * Long.BYTES);
      long bytes = header.refcountClusters * cluster;
      if (bytes <= 0 || bytes > REFCOUNT_TABLE_BYTES_MAX) {
        throw broken("a refcount table of " + header.refcountClusters + " clusters");
      }
      checkTable("refcount table", header, header.refcountOffset, bytes);
    }

    private void checkTable(String what, Qcow2Header header, long offset, long bytes) {
      long end = header.roundUp(fileLength);
      if (offset < header.clusterSize()
          || offset % header.clusterSize() != 0
          || offset > end
          || bytes > end - offset) {
        throw broken("its " + what + " at offset " + Long.toUnsignedString(offset));
      }
    }

    private @Nullable String backing(long limit) {
      long offset = u64(8);
      long length = u32(16);
      if (offset == 0) {
        return null;
      }
      if (length < 1 || length > BACKING_NAME_MAX || offset < 0 || offset > limit - length) {
        throw broken("the name of its backing file");
      }
      return text(offset, length);
    }

    private @Nullable String backingFormat(long headerLength, long limit) {
      long at = headerLength;
      while (at + 8 <= limit) {
        int type = head.get(BE32, at);
        long length = u32(at + 4);
        if (type == 0) {
          return null;
        }
        if (length > limit - at - 8) {
          throw broken("a header extension at offset " + at);
        }
        if (type == EXTENSION_BACKING_FORMAT) {
          return text(at + 8, Math.min(length, BACKING_NAME_MAX));
        }
        at += 8 + ((length + 7) & -8);
      }
      return null;
    }

    private String text(long offset, long length) {
      byte[] bytes = head.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
      return new String(bytes, StandardCharsets.UTF_8);
    }

    private long u32(long at) {
      return head.get(BE32, at) & 0xffff_ffffL;
    }

    private long u64(long at) {
      return head.get(BE64, at);
    }

    private DiskException broken(String what) {
      return refuse("has a broken header: " + what);
    }

    private DiskException refuse(String reason) {
      return new DiskException(name, reason);
    }
  }
}
