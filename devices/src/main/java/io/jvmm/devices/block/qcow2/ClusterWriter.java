package io.jvmm.devices.block.qcow2;

import static io.jvmm.devices.block.qcow2.ClusterMap.ENTRY_COPIED;
import static io.jvmm.devices.block.qcow2.ClusterMap.ENTRY_ZERO;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Changes a disk: in place where a cluster is the image's own, else in a new cluster, for which
 * what lies around the guest's bytes is copied.
 *
 * <p>Threads: the image's one.
 */
final class ClusterWriter implements AutoCloseable {
  private final ImageFile file;
  private final Qcow2Header header;
  private final Extent extent;
  private final ClusterMap map;
  private final ClusterReader reader;
  private final Refcounts refcounts;
  private final OwnTables tables;
  private final boolean hasBacking;
  private final int clusterSize;
  private final Arena arena = Arena.ofShared();

  /** The part of a request's buffers that is being written, with what is copied around it. */
  private final IovecArray part = new IovecArray(IovecArray.IOV_MAX);

  private final IovecArray copied = new IovecArray(1);

  /** Two clusters, when they are first needed: what is before the guest's bytes, and after. */
  private @Nullable MemorySegment around;

  private boolean begun;

  ClusterWriter(
      ImageFile file,
      Qcow2Header header,
      Extent extent,
      ClusterMap map,
      ClusterReader reader,
      Refcounts refcounts,
      boolean hasBacking) {
    this.file = file;
    this.header = header;
    this.extent = extent;
    this.map = map;
    this.reader = reader;
    this.refcounts = refcounts;
    this.clusterSize = header.clusterSize();
    this.tables = new OwnTables(file, header, extent, map, refcounts);
    this.hasBacking = hasBacking;
  }

  /** Hot: writes all of the buffers, which it uses up; 0 or {@code -errno}. */
  int write(CallState state, IovecArray buffers, long offset) {
    int result = begin(state);
    long at = offset;
    while (result == 0 && buffers.byteCount() > 0) {
      result = reader.find(state, at, buffers.byteCount());
      if (result == 0) {
        long left = buffers.byteCount();
        result =
            map.kind() == ClusterMap.DATA && map.isInPlace()
                ? overwrite(state, buffers, map.host(), map.length())
                : writeNew(state, buffers, at, map.length());
        at += left - buffers.byteCount();
      }
    }
    return result;
  }

  /** Before the first change: whoever keeps more in the image than we know must look again. */
  private int begin(CallState state) {
    if (begun || header.autoclear() == 0) {
      begun = true;
      return 0;
    }
    MemorySegment zero = arena.allocate(Long.BYTES, Long.BYTES);
    int result = file.write(state, zero, 0, Long.BYTES, Qcow2Header.AUTOCLEAR_AT);
    if (result == 0) {
      result = file.sync(state);
    }
    begun = result == 0;
    return result;
  }

  private int overwrite(CallState state, IovecArray buffers, long host, long length) {
    if (extent.isProtected(host, length)) {
      return -Errno.EIO; // the image is broken: this would break it further
    }
    if (length == buffers.byteCount()) {
      return file.writeVector(state, buffers, host);
    }
    part.clear();
    part.addFrom(buffers, 0, length);
    buffers.advance(length);
    return file.writeVector(state, part, host);
  }

  /** Writes the first {@code length} bytes, or fewer, to clusters that are new for them. */
  private int writeNew(CallState state, IovecArray buffers, long at, long length) {
    // A cluster that is kept for zeroes may have data, since on the medium it stays zeroes until
    // the commit that comes after the data.
    boolean isKept = map.kind() == ClusterMap.ZERO && map.isInPlace() && map.host() != 0;
    long inCluster = at & (clusterSize - 1);
    long kept = map.host() - inCluster;
    boolean wasZero = reader.isZero(at - inCluster);
    int result = tables.own(state, at);
    if (result != 0) {
      return result;
    }
    int clusters = (int) ((inCluster + length + clusterSize - 1) >>> header.clusterBits());
    long host = isKept ? kept : refcounts.allocate(state, clusters);
    if (host < 0) {
      return (int) host;
    }
    int granted = isKept ? clusters : refcounts.granted();
    boolean readsAsZero = wasZero && !isKept && refcounts.isFresh();
    long n = Math.min(length, (long) granted * clusterSize - inCluster);
    result =
        extent.isProtected(host, (long) granted * clusterSize)
            ? -Errno.EIO
            : writeClusters(state, buffers, at, n, host, readsAsZero);
    if (result == 0) {
      result = tables.select(state, at);
    }
    if (result != 0) {
      if (!isKept) {
        refcounts.giveBack(state, host, granted);
      }
      return result;
    }
    for (int i = 0; i < granted; i++) {
      if (!isKept) {
        tables.free(map.entry(i));
      }
      map.setEntry(i, (host + (long) i * clusterSize) | ENTRY_COPIED);
    }
    return 0;
  }

  /**
   * Writes {@code n} bytes of the guest's to new clusters, and what the disk has before and after
   * them in these clusters.
   */
  private int writeClusters(
      CallState state, IovecArray buffers, long at, long n, long host, boolean readsAsZero) {
    long before = at & (clusterSize - 1);
    long after = -(at + n) & (clusterSize - 1);
    if (readsAsZero || (before == 0 && after == 0)) {
      part.clear();
      part.addFrom(buffers, 0, n);
      buffers.advance(n);
      return file.writeVector(state, part, host + before);
    }
    MemorySegment copy = around();
    int result = copyOld(state, copy, 0, before, at - before);
    if (result == 0) {
      result = copyOld(state, copy, clusterSize, after, at + n);
    }
    if (result != 0) {
      return result;
    }
    part.clear();
    boolean fits = before == 0 || part.add(copy.address(), before);
    fits = fits && part.addFrom(buffers, 0, n) == n;
    fits = fits && (after == 0 || part.add(copy.address() + clusterSize, after));
    if (fits) {
      buffers.advance(n);
      return file.writeVector(state, part, host);
    }
    return writeInPieces(state, buffers, n, host, before, after);
  }

  /** As many buffers as a call may have leave no room for the copies. */
  private int writeInPieces(
      CallState state, IovecArray buffers, long n, long host, long before, long after) {
    MemorySegment copy = around();
    part.clear();
    part.addFrom(buffers, 0, n);
    buffers.advance(n);
    int result = file.writeVector(state, part, host + before);
    if (result == 0 && before > 0) {
      result = file.write(state, copy, 0, before, host);
    }
    if (result == 0 && after > 0) {
      result = file.write(state, copy, clusterSize, after, host + before + n);
    }
    return result;
  }

  private MemorySegment around() {
    MemorySegment segment = around;
    if (segment == null) {
      segment = arena.allocate(2L * clusterSize, Long.BYTES);
      around = segment;
    }
    return segment;
  }

  private int copyOld(CallState state, MemorySegment to, long position, long length, long at) {
    if (length == 0) {
      return 0;
    }
    copied.clear();
    copied.add(to.address() + position, length);
    return reader.read(state, copied, at);
  }

  /** Hot: the whole clusters of a range, where the image has any, lose their data. */
  int discard(CallState state, long offset, long length) {
    if (header.version() < 3 && hasBacking) {
      return 0; // without zero clusters the backing file's old data would come back
    }
    long end = wholeEnd(offset + length);
    long at = header.roundUp(offset);
    int result = begin(state);
    while (result == 0 && at < end) {
      result = reader.find(state, at, end - at);
      long found = map.length();
      if (result == 0 && (map.kind() >= ClusterMap.DATA || map.host() != 0)) {
        result = drop(state, at, found, hasBacking ? ENTRY_ZERO : 0);
      }
      at += found;
    }
    return result;
  }

  /** The end of the last whole cluster; the disk's last one is whole whatever its length. */
  private long wholeEnd(long end) {
    return end >= header.size() ? header.roundUp(end) : end & -clusterSize;
  }

  /** Sets the entries of whole clusters, and frees what was there. */
  private int drop(CallState state, long at, long length, long entry) {
    int result = tables.own(state, at);
    if (result == 0) {
      int clusters = (int) (length >>> header.clusterBits());
      for (int i = 0; i < clusters; i++) {
        tables.free(map.entry(i));
        map.setEntry(i, entry);
      }
    }
    return result;
  }

  /** Hot: a range reads as zeroes afterwards. */
  int writeZeroes(CallState state, long offset, long length, boolean mayDiscard) {
    long end = offset + length;
    long wholeEnd = wholeEnd(end);
    long at = Math.min(header.roundUp(offset), end);
    int result = begin(state);
    if (result == 0) {
      result = writeZeroBytes(state, offset, at - offset);
    }
    while (result == 0 && at < end && at < wholeEnd) {
      result = reader.find(state, at, wholeEnd - at);
      long found = map.length();
      if (result == 0 && !reader.isZero(at)) {
        result = zeroClusters(state, at, found, mayDiscard);
      }
      at += found;
    }
    if (result == 0 && at < end) {
      result = writeZeroBytes(state, at, end - at);
    }
    return result;
  }

  private int zeroClusters(CallState state, long at, long length, boolean mayDiscard) {
    if (header.version() < 3) {
      return hasBacking ? writeZeroBytes(state, at, length) : drop(state, at, length, 0);
    }
    if (mayDiscard || map.kind() != ClusterMap.DATA || !map.isInPlace()) {
      return drop(state, at, length, ENTRY_ZERO);
    }
    int result = tables.own(state, at);
    int clusters = (int) (length >>> header.clusterBits());
    for (int i = 0; result == 0 && i < clusters; i++) {
      map.setEntry(i, map.entry(i) | ENTRY_ZERO);
    }
    return result;
  }

  /** Writes zeroes as data, but where there are some. */
  private int writeZeroBytes(CallState state, long offset, long length) {
    long end = offset + length;
    long at = offset;
    while (at < end) {
      int result = reader.find(state, at, Math.min(end - at, clusterSize));
      long found = map.length();
      if (result == 0 && !reader.isZero(at)) {
        try (Arena scratch = Arena.ofConfined();
            IovecArray zeroes = new IovecArray(1)) {
          zeroes.add(scratch.allocate(found, Long.BYTES).address(), found);
          result = write(state, zeroes, at);
        }
      }
      if (result != 0) {
        return result;
      }
      at += found;
    }
    return 0;
  }

  /** Hot: as {@link OwnTables#commit}. */
  int commit(CallState state) {
    return tables.commit(state);
  }

  @Override
  public void close() {
    tables.close();
    refcounts.close();
    part.close();
    copied.close();
    arena.close();
  }
}
