package io.jvmm.vmm.cli;

import io.jvmm.boot.EntryProtocol;
import io.jvmm.devices.p9.ShareOptions;
import io.jvmm.host.file.OpenFile;
import io.jvmm.vmm.DiskConfig;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.NetConfig;
import io.jvmm.vmm.PortConfig;
import io.jvmm.vmm.Transport;
import io.jvmm.vmm.VirtioConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns settings into a machine's configuration. Runs before the first guest instruction. */
final class MachineSettings {
  /** What Linux mounts a root folder by. */
  private static final String ROOT_TAG = "rootfs";

  private static final String IMAGE_CACHE = "/jvmm/images/";

  private MachineSettings() {}

  /**
   * The machine that was asked for.
   *
   * @throws UsageException for a value that cannot be read
   * @throws io.jvmm.vmm.MachineConfigException for a value that is out of range
   */
  static MachineConfig config(Settings settings) {
    String kernel = settings.get(CommandOption.KERNEL);
    if (kernel == null) {
      throw new UsageException("no kernel: --kernel FILE names a vmlinux or a bzImage");
    }
    MachineConfig.Builder config =
        MachineConfig.forKernel(kernel)
            .initrd(settings.get(CommandOption.INITRD))
            .kernelIsImmutable(isInImageCache(kernel))
            .quiet(settings.has(CommandOption.QUIET));
    commandLine(settings, config);
    String cpus = settings.get(CommandOption.CPUS);
    if (cpus != null) {
      config.cpus(count(cpus, settings.place(CommandOption.CPUS)));
    }
    String memory = settings.get(CommandOption.MEM);
    if (memory != null) {
      config.memoryBytes(SizeText.parse(memory, settings.place(CommandOption.MEM)));
    }
    String name = settings.get(CommandOption.NAME);
    if (name != null) {
      config.name(name);
    }
    String entry = settings.get(CommandOption.ENTRY);
    if (entry != null) {
      config.entryProtocol(entry(entry, settings.place(CommandOption.ENTRY)));
    }
    String transport = settings.get(CommandOption.TRANSPORT);
    if (transport != null) {
      config.transport(transport(transport, settings.place(CommandOption.TRANSPORT)));
    }
    ShareOptions rootShare = root(settings, config);
    for (int i = 0; i < settings.disks().size(); i++) {
      config.disk(disk(settings.disks().get(i), settings.place(CommandOption.DISK)));
    }
    return config.virtio(virtio(settings, rootShare)).build();
  }

  /** The root file system: a disk, or where the path leads to a folder, that folder. */
  private static @Nullable ShareOptions root(Settings settings, MachineConfig.Builder config) {
    String text = settings.get(CommandOption.ROOTFS);
    if (text == null) {
      return null;
    }
    String place = settings.place(CommandOption.ROOTFS);
    String source = DiskText.source(text);
    if (!OpenFile.isDirectory(source)) {
      config.rootfs(disk(text, place));
      return null;
    }
    config.rootShare(ROOT_TAG);
    return ShareText.parse(source + ':' + ROOT_TAG + DiskText.options(text), place);
  }

  private static VirtioConfig virtio(Settings settings, @Nullable ShareOptions rootShare) {
    VirtioConfig virtio = VirtioConfig.NONE;
    String balloon = settings.get(CommandOption.BALLOON);
    if (balloon != null) {
      String place = settings.place(CommandOption.BALLOON);
      virtio = virtio.withBalloon(balloon.isEmpty() ? 0 : SizeText.parse(balloon, place));
    }
    String vsock = settings.get(CommandOption.VSOCK);
    if (vsock != null) {
      virtio = virtio.withVsock(VsockText.parse(vsock, settings.place(CommandOption.VSOCK)));
    }
    return virtio
        .withRng(settings.has(CommandOption.RNG))
        .withPmem(pmem(settings))
        .withPorts(ports(settings))
        .withNets(nets(settings))
        .withShares(shares(settings, rootShare));
  }

  private static List<NetConfig> nets(Settings settings) {
    List<String> texts = settings.list(CommandOption.NET);
    List<NetConfig> nets = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      nets.add(NetText.parse(texts.get(i), settings.place(CommandOption.NET)));
    }
    return nets;
  }

  private static List<ShareOptions> shares(Settings settings, @Nullable ShareOptions rootShare) {
    List<String> texts = settings.list(CommandOption.SHARE);
    List<ShareOptions> shares = new ArrayList<>(texts.size() + 1);
    if (rootShare != null) {
      shares.add(rootShare);
    }
    for (int i = 0; i < texts.size(); i++) {
      shares.add(ShareText.parse(texts.get(i), settings.place(CommandOption.SHARE)));
    }
    return shares;
  }

  private static List<PortConfig> ports(Settings settings) {
    List<String> texts = settings.list(CommandOption.PORT);
    List<PortConfig> ports = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      ports.add(port(texts.get(i), settings.place(CommandOption.PORT)));
    }
    return ports;
  }

  /** {@code NAME,unix=PATH}, {@code NAME,file=PATH} or {@code NAME,fd=N}. */
  private static PortConfig port(String text, String place) {
    int comma = text.indexOf(',');
    int equals = text.indexOf('=', comma + 1);
    if (comma < 0 || equals < 0 || equals + 1 == text.length()) {
      throw new UsageException(
          place + ": '" + text + "' is not NAME,unix=PATH, NAME,file=PATH or NAME,fd=N");
    }
    String name = text.substring(0, comma);
    String value = text.substring(equals + 1);
    String kind = text.substring(comma + 1, equals);
    return switch (kind) {
      case "unix" -> PortConfig.unix(name, value);
      case "file" -> PortConfig.file(name, value);
      case "fd" -> PortConfig.descriptor(name, count(value, place));
      default -> throw new UsageException(place + ": '" + kind + "' is not unix, file or fd");
    };
  }

  private static List<String> pmem(Settings settings) {
    List<String> texts = settings.list(CommandOption.PMEM);
    List<String> paths = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      paths.add(image(texts.get(i), settings.place(CommandOption.PMEM)));
    }
    return paths;
  }

  /** {@code PATH} or {@code PATH,ro}, which is the same; a comma before that is the path's. */
  private static String image(String text, String place) {
    if (text.endsWith(",rw")) {
      throw new UsageException(place + ": " + text + ": persistent memory is always read-only");
    }
    String path = text.endsWith(",ro") ? text.substring(0, text.length() - 3) : text;
    if (path.isEmpty()) {
      throw new UsageException(place + ": no path in '" + text + "'");
    }
    return path;
  }

  /**
   * Whether the file is one of those that guest-images/build makes: a new version comes by rename,
   * never in place.
   */
  private static boolean isInImageCache(String path) {
    String cache = System.getenv("XDG_CACHE_HOME");
    if (cache == null || cache.isEmpty()) {
      String home = System.getenv("HOME");
      if (home == null) {
        return false;
      }
      cache = home + "/.cache";
    }
    return path.startsWith(cache + IMAGE_CACHE) && !path.contains("/../");
  }

  private static void commandLine(Settings settings, MachineConfig.Builder config) {
    String added = settings.get(CommandOption.CMDLINE);
    String whole = settings.get(CommandOption.CMDLINE_ONLY);
    if (added != null && whole != null) {
      throw new UsageException(
          settings.place(CommandOption.CMDLINE)
              + " adds to the kernel's command line, "
              + settings.place(CommandOption.CMDLINE_ONLY)
              + " replaces it: give one of them");
    }
    if (whole != null) {
      config.commandLineOnly(whole);
    } else if (added != null) {
      config.commandLine(added);
    }
  }

  private static EntryProtocol entry(String text, String place) {
    return switch (text) {
      case "auto" -> EntryProtocol.AUTO;
      case "linux" -> EntryProtocol.LINUX_64;
      case "pvh" -> EntryProtocol.PVH;
      default -> throw new UsageException(place + ": '" + text + "' is not auto, linux or pvh");
    };
  }

  private static @Nullable Transport transport(String text, String place) {
    return switch (text) {
      case "auto" -> null;
      case "mmio" -> Transport.MMIO;
      case "pci" -> Transport.PCI;
      default -> throw new UsageException(place + ": '" + text + "' is not auto, pci or mmio");
    };
  }

  private static int count(String text, String place) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new UsageException(place + ": '" + text + "' is not a number");
    }
  }

  /** A disk as {@link DiskText} says; one of the image cache may only be read. */
  static DiskConfig disk(String text, String place) {
    DiskConfig disk = DiskText.parse(text, place);
    if (!disk.readOnly() && isInImageCache(disk.source())) {
      throw new UsageException(
          place
              + ": "
              + disk.source()
              + " is in the image cache, which is never changed: add ,ro or give a copy of it");
    }
    return disk;
  }
}
