package io.jvmm.devices.block.qcow2;

import io.jvmm.devices.block.BlockLimits;
import io.jvmm.devices.block.DiskException;
import io.jvmm.devices.block.DiskImage;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.IovecArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A qcow2 image as a disk, with the files that it builds upon.
 *
 * <p>Threads: one at a time.
 */
public final class Qcow2Image implements DiskImage, Layer {
  /** At the default sizes, the map of 8 GiB of the disk. */
  private static final int CACHE_BYTES = 1 << 20;

  /** A backing file has a smaller one: there may be several. */
  private static final int BACKING_CACHE_BYTES = 256 << 10;

  private static final int SECTOR = 512;
  private static final int PAGE = 4096;

  private final ImageFile file;
  private final Qcow2Header header;
  private final @Nullable Layer backing;
  private final ClusterMap map;
  private final ClusterReader reader;
  private final @Nullable ClusterWriter writer;
  private boolean isClosed;

  private Qcow2Image(
      ImageFile file,
      Qcow2Header header,
      @Nullable Layer backing,
      ClusterMap map,
      ClusterReader reader,
      @Nullable ClusterWriter writer) {
    this.file = file;
    this.header = header;
    this.backing = backing;
    this.map = map;
    this.reader = reader;
    this.writer = writer;
  }

  /**
   * Opens and locks an image and its backing files.
   *
   * @param backing where backing files may be: such a file itself, or a folder above them; null
   *     where the image may have none. An image's word alone opens no file
   * @throws DiskException where it is in use, or cannot be used
   * @throws io.jvmm.host.SyscallException where the host refuses
   */
  public static Qcow2Image open(String path, boolean readOnly, @Nullable String backing) {
    return new ImageChain(backing).open(path, readOnly);
  }

  /** Reads the header, as {@link Qcow2Header#parse} does and throws. */
  static Qcow2Header readHeader(ImageFile file) {
    try (Arena arena = Arena.ofConfined()) {
      long length = Math.min(file.length(), Qcow2Header.LENGTH_MAX);
      MemorySegment head = arena.allocate(Math.max(length, 1), Long.BYTES);
      file.load(CallState.current(), head, 0, "read of the header");
      return Qcow2Header.parse(file.name(), head, file.length());
    }
  }

  /**
   * Opens what has been read so far, as the disk itself.
   *
   * @param file becomes the image's, where this succeeds
   * @param backing the same
   */
  static Qcow2Image of(
      ImageFile file, Qcow2Header header, @Nullable Layer backing, boolean readOnly) {
    if (readOnly) {
      return readable(file, header, backing, CACHE_BYTES);
    }
    if (header.isDirty() || header.isCorrupt()) {
      throw new DiskException(
          file.name(),
          (header.isCorrupt() ? "is marked as corrupt" : "was not closed by its last user")
              + "; repair it with qemu-img check -r all, or use it read-only");
    }
    CallState state = CallState.current();
    Extent extent = new Extent(header, file.length());
    ClusterMap map = ClusterMap.load(state, file, header, extent, CACHE_BYTES);
    try {
      Refcounts refcounts = Refcounts.load(state, file, header, extent, Refcounts.SCAN_MAX);
      ClusterReader reader = new ClusterReader(file, map, header.clusterBits(), backing);
      ClusterWriter writer =
          new ClusterWriter(file, header, extent, map, reader, refcounts, backing != null);
      reader.setWriter(writer);
      return new Qcow2Image(file, header, backing, map, reader, writer);
    } catch (RuntimeException e) {
      map.close();
      throw e;
    }
  }

  /** As {@link #of}, below another image. */
  static Qcow2Image backing(ImageFile file, Qcow2Header header, @Nullable Layer backing) {
    return readable(file, header, backing, BACKING_CACHE_BYTES);
  }

  private static Qcow2Image readable(
      ImageFile file, Qcow2Header header, @Nullable Layer backing, int cacheBytes) {
    Extent extent = new Extent(header, file.length());
    ClusterMap map = ClusterMap.load(CallState.current(), file, header, extent, cacheBytes);
    ClusterReader reader = new ClusterReader(file, map, header.clusterBits(), backing);
    return new Qcow2Image(file, header, backing, map, reader, null);
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public long length() {
    return header.size() & -SECTOR;
  }

  @Override
  public long size() {
    return header.size();
  }

  @Override
  public boolean isReadOnly() {
    return writer == null;
  }

  @Override
  public BlockLimits limits() {
    int cluster = header.clusterSize();
    boolean canWrite = writer != null;
    return new BlockLimits(
        SECTOR, Math.min(cluster, PAGE), cluster, canWrite, canWrite ? cluster : 0, canWrite);
  }

  @Override
  public boolean isConcurrent() {
    return false;
  }

  @Override
  public int read(CallState state, IovecArray buffers, long offset) {
    return reader.read(state, buffers, offset);
  }

  @Override
  public int write(CallState state, IovecArray buffers, long offset) {
    return writer == null ? -Errno.EROFS : writer.write(state, buffers, offset);
  }

  @Override
  public int flush(CallState state) {
    return writer == null ? 0 : writer.commit(state);
  }

  @Override
  public int discard(CallState state, long offset, long length) {
    return writer == null ? -Errno.EROFS : writer.discard(state, offset, length);
  }

  @Override
  public int writeZeroes(CallState state, long offset, long length, boolean mayDiscard) {
    return writer == null ? -Errno.EROFS : writer.writeZeroes(state, offset, length, mayDiscard);
  }

  /** Brings what is left to the medium, and closes all files; once. */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    if (writer != null) {
      writer.close();
    }
    reader.close();
    map.close();
    file.close();
    if (backing != null) {
      backing.close();
    }
  }
}
