package io.jvmm.devices.block.qcow2;

/**
 * Where a larger refcount table goes: {@code tableClusters} of it from cluster {@code start} on,
 * then {@code blocks} that hold the refcounts of all these clusters themselves.
 *
 * @param firstBlock the table's first entry that such a block belongs to
 */
record TableGrowth(long start, long tableClusters, long firstBlock, long blocks) {

  /** The cluster behind all of it. */
  long end() {
    return start + tableClusters + blocks;
  }

  /**
   * Finds sizes that are enough, at least half as many entries more than before, so that growing is
   * rare.
   *
   * @param oldEntries all clusters that these cover lie before {@code start}
   */
  static TableGrowth plan(long oldEntries, long start, int clusterBits, int blockBits) {
    int entriesBits = clusterBits - 3; // entries in a cluster, eight bytes each
    long firstBlock = start >>> blockBits;
    long tableClusters = 0;
    long blocks = 1;
    while (true) {
      long entries = Math.max(oldEntries + oldEntries / 2, firstBlock + blocks);
      long clusters = (entries + (1L << entriesBits) - 1) >>> entriesBits;
      long last = (start + clusters + blocks - 1) >>> blockBits;
      long neededBlocks = last - firstBlock + 1;
      if (clusters == tableClusters && neededBlocks == blocks) {
        return new TableGrowth(start, clusters, firstBlock, blocks);
      }
      tableClusters = clusters;
      blocks = Math.max(blocks, neededBlocks);
    }
  }
}
