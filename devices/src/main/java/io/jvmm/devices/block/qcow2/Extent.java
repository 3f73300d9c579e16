package io.jvmm.devices.block.qcow2;

/**
 * How far the file's clusters reach, and where those lie that an image's tables can never lead to:
 * the header, the L1 table and the refcount table.
 *
 * <p>Threads: the image's one.
 */
final class Extent {
  private final int clusterSize;
  private final long l1Start;
  private final long l1End;
  private long refcountStart;
  private long refcountEnd;
  private long end;

  Extent(Qcow2Header header, long fileLength) {
    this.clusterSize = header.clusterSize();
    this.end = header.roundUp(fileLength);
    this.l1Start = header.l1Offset();
    this.l1End = l1Start + (long) header.l1Entries() * Long.BYTES;
    protectRefcountTable(
        header.refcountOffset(), (long) header.refcountClusters() * header.clusterSize());
  }

  void protectRefcountTable(long offset, long length) {
    refcountStart = offset;
    refcountEnd = offset + length;
  }

  /** Nothing has been written from here on, and no entry may point there. */
  long end() {
    return end;
  }

  /** Clusters up to here are used. */
  void grow(long newEnd) {
    end = Math.max(end, newEnd);
  }

  /** Hot: whether there is a cluster at this offset, which can be read. */
  boolean isCluster(long offset) {
    return (offset & (clusterSize - 1)) == 0 && offset >= clusterSize && offset < end;
  }

  /** Hot: whether data in this range would lie on the header or a table. */
  boolean isProtected(long offset, long length) {
    return offset < clusterSize
        || (offset < l1End && l1Start < offset + length)
        || (offset < refcountEnd && refcountStart < offset + length);
  }
}
