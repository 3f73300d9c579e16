package io.jvmm.vmm;

import io.jvmm.host.file.OpenFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files that a machine is made of, which nothing that it writes may overwrite: neither its
 * console nor its ports.
 */
public final class MachineFiles {
  private MachineFiles() {}

  /**
   * What of a machine a file is, by whatever name it was opened.
   *
   * @return {@code kernel PATH}, or another of its kind; null where the machine does not use it
   */
  public static @Nullable String find(MachineConfig config, OpenFile file) {
    if (file.isAt(config.kernel())) {
      return "kernel " + config.kernel();
    }
    String initrd = config.initrd();
    if (initrd != null && file.isAt(initrd)) {
      return "initrd " + initrd;
    }
    List<DiskConfig> disks = config.allDisks();
    for (int i = 0; i < disks.size(); i++) {
      DiskConfig disk = disks.get(i);
      if (!disk.isNetwork() && file.isAt(disk.source())) {
        return "disk " + disk.source();
      }
      String backing = disk.backing();
      if (!disk.isNetwork() && !backing.isEmpty() && file.isAt(backing)) {
        return "backing file " + backing;
      }
    }
    List<String> images = config.virtio().pmem();
    for (int i = 0; i < images.size(); i++) {
      if (file.isAt(images.get(i))) {
        return "pmem " + images.get(i);
      }
    }
    return null;
  }
}
