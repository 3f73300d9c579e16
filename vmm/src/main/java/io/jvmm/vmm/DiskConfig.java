package io.jvmm.vmm;

import io.jvmm.devices.block.nbd.NbdTarget;

/**
 * A disk of the guest, before it exists. Begin with {@link #of} and change what should be
 * different.
 *
 * @param source path of an image or of a block device on the host, or the URI of an NBD export
 * @param readOnly whether the guest may only read it
 * @param format how the image holds the disk; never guessed, since a guest that writes a header
 *     into a raw disk could choose what else of the host is opened
 * @param backing where a qcow2 image's backing files may be: a file, or a folder above them; empty
 *     for none, and then an image that has any is refused
 * @param direct whether the host's page cache is left out
 * @param aio how the host is asked
 * @param cache when a write is on the medium; the guest may change it while it runs
 * @param queues 1 to {@link #QUEUES_MAX}, or 0 for one a CPU of the guest
 * @param rate what the guest may ask of it
 * @param id the serial number that the guest sees, up to {@link #ID_MAX} printable ASCII
 *     characters; empty for one by the disk's place
 */
public record DiskConfig(
    String source,
    boolean readOnly,
    Format format,
    String backing,
    boolean direct,
    Aio aio,
    Cache cache,
    int queues,
    RateLimit rate,
    String id) {

  /** More would not be served sooner: all queues of a disk are served by one thread. */
  public static final int QUEUES_MAX = 16;

  /** What VIRTIO_BLK_T_GET_ID has room for (virtio 1.2, 5.2.6). */
  public static final int ID_MAX = 20;

  /** How an image holds the disk. */
  public enum Format {
    /** Byte for byte. */
    RAW,
    /** QEMU's format, versions 2 and 3. */
    QCOW2
  }

  /** How the host is asked for data, without waiting for it on the thread that serves the guest. */
  public enum Aio {
    /** By io_uring, or where this process may not use it by threads. */
    AUTO,
    /** By threads that wait. */
    THREADS
  }

  /** When a write is on the medium. */
  public enum Cache {
    /** With the next flush that the guest asks for. */
    WRITEBACK,
    /** Before it is answered. */
    WRITETHROUGH
  }

  /**
   * Checks every limit.
   *
   * @throws MachineConfigException naming the disk, the value and the limit
   */
  public DiskConfig {
    if (source.isEmpty()) {
      throw new MachineConfigException("disk: no path");
    }
    if (queues < 0 || queues > QUEUES_MAX) {
      throw wrong(source, "queues: " + queues + " is not between 1 and " + QUEUES_MAX);
    }
    if (!isId(id)) {
      throw wrong(source, "id: '" + id + "' is not up to " + ID_MAX + " printable characters");
    }
    boolean isNetwork = NbdTarget.isUri(source);
    if (isNetwork && direct) {
      throw wrong(source, "direct is for files and block devices");
    }
    if (isNetwork && format != Format.RAW) {
      throw wrong(source, "format: an NBD export is raw; its server knows the format of the image");
    }
    if (aio == Aio.THREADS && (isNetwork || format != Format.RAW)) {
      throw wrong(source, "aio is for raw files and block devices");
    }
    if (!backing.isEmpty() && format != Format.QCOW2) {
      throw wrong(source, "backing is for format=qcow2");
    }
  }

  /** A raw writable disk that is written back, unlimited, with a queue a CPU. */
  public static DiskConfig of(String source) {
    return new DiskConfig(
        source,
        false,
        Format.RAW,
        "",
        false,
        Aio.AUTO,
        Cache.WRITEBACK,
        0,
        RateLimit.UNLIMITED,
        "");
  }

  /** As {@link #of(String)}, perhaps only to be read. */
  public static DiskConfig of(String source, boolean readOnly) {
    return of(source).withReadOnly(readOnly);
  }

  private static MachineConfigException wrong(String source, String what) {
    return new MachineConfigException("disk " + source + ": " + what);
  }

  private static boolean isId(String id) {
    for (int i = 0; i < id.length(); i++) {
      if (id.charAt(i) <= ' ' || id.charAt(i) > '~') {
        return false;
      }
    }
    return id.length() <= ID_MAX;
  }

  /** Whether it is an NBD export, and not a file or block device of this host. */
  public boolean isNetwork() {
    return NbdTarget.isUri(source);
  }

  /** The same, but for whether the guest may only read it. */
  public DiskConfig withReadOnly(boolean value) {
    return new DiskConfig(source, value, format, backing, direct, aio, cache, queues, rate, id);
  }

  /** The same in another format. */
  public DiskConfig withFormat(Format value) {
    return new DiskConfig(source, readOnly, value, backing, direct, aio, cache, queues, rate, id);
  }

  /** The same with other places for backing files. */
  public DiskConfig withBacking(String value) {
    return new DiskConfig(source, readOnly, format, value, direct, aio, cache, queues, rate, id);
  }

  /** The same, but for the host's page cache. */
  public DiskConfig withDirect(boolean value) {
    return new DiskConfig(source, readOnly, format, backing, value, aio, cache, queues, rate, id);
  }

  /** The same, but for how the host is asked. */
  public DiskConfig withAio(Aio value) {
    return new DiskConfig(
        source, readOnly, format, backing, direct, value, cache, queues, rate, id);
  }

  /** The same, but for when a write is on the medium. */
  public DiskConfig withCache(Cache value) {
    return new DiskConfig(source, readOnly, format, backing, direct, aio, value, queues, rate, id);
  }

  /** The same with another number of queues. */
  public DiskConfig withQueues(int value) {
    return new DiskConfig(source, readOnly, format, backing, direct, aio, cache, value, rate, id);
  }

  /** The same with other limits. */
  public DiskConfig withRate(RateLimit value) {
    return new DiskConfig(source, readOnly, format, backing, direct, aio, cache, queues, value, id);
  }

  /** The same with another serial number. */
  public DiskConfig withId(String value) {
    return new DiskConfig(
        source, readOnly, format, backing, direct, aio, cache, queues, rate, value);
  }
}
