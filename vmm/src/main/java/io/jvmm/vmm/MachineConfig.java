package io.jvmm.vmm;

import io.jvmm.boot.CommandLine;
import io.jvmm.boot.EntryProtocol;
import io.jvmm.boot.MachineLayout;
import io.jvmm.devices.p9.ShareOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole of a machine, before it exists. Begin with {@link #forKernel} and change what should be
 * different.
 *
 * @param name short, for thread names and messages
 * @param kernel path of an ELF {@code vmlinux} or a {@code bzImage}
 * @param kernelIsImmutable whether nobody rewrites or cuts the kernel file while machines run, so
 *     that its pages may be shared with the page cache instead of being read; new versions of such
 *     a file come by rename
 * @param initrd path of an initial RAM disk
 * @param commandLine what is added to the defaults, or the whole command line where {@code
 *     commandLineOnly}
 * @param commandLineOnly whether {@code commandLine} replaces the defaults
 * @param quiet whether the default command line asks the kernel to be quiet
 * @param cpus 1 to {@link MachineLayout#CPUS_MAX}
 * @param memoryBytes guest RAM, a multiple of 4 KiB, {@link #MEMORY_MIN} to {@link #MEMORY_MAX}
 * @param rootfs the disk that is {@code /dev/vda} and the root file system
 * @param rootShare the tag of the shared folder that is the root file system, where no disk is
 * @param disks the disks after it
 * @param virtio the virtio devices besides disks
 * @param transport how the guest reaches its virtio devices
 * @param entryProtocol which way into the kernel
 */
public record MachineConfig(
    String name,
    String kernel,
    boolean kernelIsImmutable,
    @Nullable String initrd,
    String commandLine,
    boolean commandLineOnly,
    boolean quiet,
    int cpus,
    long memoryBytes,
    @Nullable DiskConfig rootfs,
    @Nullable String rootShare,
    List<DiskConfig> disks,
    VirtioConfig virtio,
    Transport transport,
    EntryProtocol entryProtocol) {

  private static final long MIB = 1024L * 1024;

  /** Less has no room for the boot structures, a kernel and its first page tables. */
  public static final long MEMORY_MIN = 16 * MIB;

  /**
   * The page tables of the boot and the e820 map go further, but 1 TiB is more than a microVM is
   * for.
   */
  public static final long MEMORY_MAX = 1024L * 1024 * MIB;

  /** Guest RAM where nothing is said: 256 MiB. */
  public static final long MEMORY_DEFAULT = 256 * MIB;

  private static final int PAGE_SIZE = 4096;

  /**
   * Checks every limit.
   *
   * @throws MachineConfigException naming the setting, the value and the limit
   */
  public MachineConfig {
    if (cpus < 1 || cpus > MachineLayout.CPUS_MAX) {
      throw new MachineConfigException(
          "cpus: " + cpus + " is not between 1 and " + MachineLayout.CPUS_MAX);
    }
    if (memoryBytes < MEMORY_MIN || memoryBytes > MEMORY_MAX) {
      throw new MachineConfigException(
          "mem: "
              + memoryBytes
              + " bytes is not between "
              + MEMORY_MIN / MIB
              + "M and "
              + MEMORY_MAX / MIB
              + "M");
    }
    if (memoryBytes % PAGE_SIZE != 0) {
      throw new MachineConfigException("mem: " + memoryBytes + " bytes is not a multiple of 4 KiB");
    }
    if (virtio.balloonBytes() > memoryBytes) {
      throw new MachineConfigException(
          "balloon: "
              + virtio.balloonBytes()
              + " bytes is more than the "
              + memoryBytes
              + " that the machine has");
    }
    if (rootShare != null) {
      if (rootfs != null) {
        throw new MachineConfigException("rootfs: a disk and the share " + rootShare);
      }
      if (!virtio.hasShare(rootShare) || !ShareWord.isPlain(rootShare)) {
        throw new MachineConfigException(
            "rootfs: no share has the tag " + rootShare + ", or it is no plain name");
      }
    }
    disks = List.copyOf(disks);
    int devices = disks.size() + (rootfs == null ? 0 : 1) + virtio.deviceCount();
    if (devices > transport.devicesMax()) {
      throw new MachineConfigException(
          "devices: "
              + devices
              + " is more than the "
              + transport.devicesMax()
              + " devices of a machine");
    }
  }

  /** Begins with one CPU, {@link #MEMORY_DEFAULT}, no disk and the default command line. */
  public static Builder forKernel(String path) {
    return new Builder(path);
  }

  /** All disks in the order of their letters: the root file system first. */
  public List<DiskConfig> allDisks() {
    if (rootfs == null) {
      return disks;
    }
    List<DiskConfig> all = new ArrayList<>(disks.size() + 1);
    all.add(rootfs);
    all.addAll(disks);
    return all;
  }

  /**
   * What the kernel is told: the console on COM1, reboot at once after a panic (the machine has
   * heard of it by then), the root file system, the shared folders, and what was added.
   */
  public String kernelCommandLine() {
    if (commandLineOnly) {
      return commandLine;
    }
    StringBuilder line = new StringBuilder(CommandLine.DEFAULTS);
    line.append(' ');
    line.append(transport == Transport.PCI ? CommandLine.NO_EARLY_PCI : CommandLine.NO_PCI);
    if (quiet) {
      line.append(" quiet");
    }
    if (rootfs != null) {
      line.append(" root=/dev/vda ").append(rootfs.readOnly() ? "ro" : "rw");
    }
    List<ShareOptions> shares = virtio.shares();
    for (int i = 0; i < shares.size(); i++) {
      ShareOptions share = shares.get(i);
      if (share.tag().equals(rootShare)) {
        ShareWord.appendRoot(line, share);
      } else {
        ShareWord.append(line, share);
      }
    }
    if (!commandLine.isEmpty()) {
      line.append(' ').append(commandLine);
    }
    return line.toString();
  }

  /**
   * Collects what should be different.
   *
   * <p>Threads: belongs to one thread.
   */
  public static final class Builder {
    private final String kernel;
    private final List<DiskConfig> disks = new ArrayList<>();
    private String name = "jvmm";
    private boolean kernelIsImmutable;
    private @Nullable String initrd;
    private String commandLine = "";
    private boolean commandLineOnly;
    private boolean quiet;
    private int cpus = 1;
    private long memoryBytes = MEMORY_DEFAULT;
    private @Nullable DiskConfig rootfs;
    private @Nullable String rootShare;
    private VirtioConfig virtio = VirtioConfig.NONE;
    private @Nullable Transport transport;
    private EntryProtocol entryProtocol = EntryProtocol.AUTO;

    private Builder(String kernel) {
      this.kernel = kernel;
    }

    /** A short name, for thread names and messages. */
    public Builder name(String value) {
      name = value;
      return this;
    }

    /** Promises that the kernel's file does not change while machines run. */
    public Builder kernelIsImmutable(boolean value) {
      kernelIsImmutable = value;
      return this;
    }

    /** An initial RAM disk, or none. */
    public Builder initrd(@Nullable String path) {
      initrd = path;
      return this;
    }

    /** Words added to the default command line. */
    public Builder commandLine(String added) {
      commandLine = added;
      commandLineOnly = false;
      return this;
    }

    /** A command line in place of the default one. */
    public Builder commandLineOnly(String whole) {
      commandLine = whole;
      commandLineOnly = true;
      return this;
    }

    /** Whether the kernel says only what is wrong. */
    public Builder quiet(boolean value) {
      quiet = value;
      return this;
    }

    /** How many CPUs, 1 to {@link MachineLayout#CPUS_MAX}. */
    public Builder cpus(int value) {
      cpus = value;
      return this;
    }

    /** How much RAM, in bytes. */
    public Builder memoryBytes(long value) {
      memoryBytes = value;
      return this;
    }

    /** The disk that is the root file system, or none. */
    public Builder rootfs(@Nullable DiskConfig disk) {
      rootfs = disk;
      return this;
    }

    /**
     * The shared folder that is the root file system, or none.
     *
     * @param tag of one of the shares in {@link #virtio}
     */
    public Builder rootShare(@Nullable String tag) {
      rootShare = tag;
      return this;
    }

    /**
     * How the guest reaches its virtio devices; null, as it is at first, for what suits: PCI, which
     * is the faster one, unless the command line turns it off or there is no such device.
     */
    public Builder transport(@Nullable Transport value) {
      transport = value;
      return this;
    }

    /** Which way into the kernel. */
    public Builder entryProtocol(EntryProtocol value) {
      entryProtocol = value;
      return this;
    }

    /** The virtio devices besides disks. */
    public Builder virtio(VirtioConfig value) {
      virtio = value;
      return this;
    }

    /** One more disk. */
    public Builder disk(DiskConfig disk) {
      disks.add(disk);
      return this;
    }

    /**
     * The machine that was asked for.
     *
     * @throws MachineConfigException naming the setting, the value and the limit
     */
    public MachineConfig build() {
      Transport chosen = transport;
      if (chosen == null) {
        boolean isNeeded = rootfs != null || !disks.isEmpty() || virtio.deviceCount() > 0;
        boolean isOff = new CommandLine().add(commandLine).turnsPciOff();
        chosen = isNeeded && !isOff ? Transport.PCI : Transport.MMIO;
      }
      return new MachineConfig(
          name,
          kernel,
          kernelIsImmutable,
          initrd,
          commandLine,
          commandLineOnly,
          quiet,
          cpus,
          memoryBytes,
          rootfs,
          rootShare,
          disks,
          virtio,
          chosen,
          entryProtocol);
    }
  }
}
