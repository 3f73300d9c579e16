package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.boot.EntryProtocol;
import io.jvmm.devices.p9.ShareOptions;
import io.jvmm.vmm.DiskConfig;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.MachineConfigException;
import io.jvmm.vmm.PortConfig;
import io.jvmm.vmm.Transport;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineSettingsTest {
  private static MachineConfig config(String... arguments) {
    return MachineSettings.config(Arguments.parse(arguments));
  }

  @Test
  void aKernelAloneIsAMachineWithDefaults() {
    MachineConfig config = config("--kernel", "vmlinux");
    assertEquals("vmlinux", config.kernel());
    assertEquals(1, config.cpus());
    assertEquals(MachineConfig.MEMORY_DEFAULT, config.memoryBytes());
    assertEquals(EntryProtocol.AUTO, config.entryProtocol());
    assertNull(config.initrd());
    assertNull(config.rootfs());
    assertFalse(config.quiet());
    assertFalse(config.kernelIsImmutable());
  }

  @Test
  void everyOptionReachesTheMachine() {
    MachineConfig config =
        config(
            "--kernel=k",
            "--initrd=i",
            "--rootfs=r,ro",
            "--disk=a",
            "--disk=b,ro",
            "--cpus=4",
            "--mem=6G",
            "--cmdline=debug",
            "--quiet",
            "--name=web",
            "--rng",
            "--port=a.0,unix=/tmp/x,y=z",
            "--port=b,fd=3",
            "--port=c,file=log",
            "--balloon=64M",
            "--pmem=p,x",
            "--pmem=q,ro",
            "--entry=pvh");
    assertEquals("i", config.initrd());
    assertEquals(DiskConfig.of("r", true), config.rootfs());
    assertEquals(List.of(DiskConfig.of("a", false), DiskConfig.of("b", true)), config.disks());
    assertEquals(4, config.cpus());
    assertEquals(6L << 30, config.memoryBytes());
    assertTrue(config.kernelCommandLine().endsWith(" debug"), config::kernelCommandLine);
    assertTrue(config.quiet());
    assertEquals("web", config.name());
    assertTrue(config.virtio().rng());
    assertEquals(
        List.of(
            PortConfig.unix("a.0", "/tmp/x,y=z"),
            PortConfig.descriptor("b", 3),
            PortConfig.file("c", "log")),
        config.virtio().ports());
    assertEquals(64L << 20, config.virtio().balloonBytes());
    assertEquals(List.of("p,x", "q"), config.virtio().pmem());
    assertEquals(EntryProtocol.PVH, config.entryProtocol());
  }

  @Test
  void aFolderIsTheRootFileSystemByNineP(@TempDir Path folder) {
    MachineConfig config = config("--kernel=k", "--rootfs=" + folder + ",ro", "--share=/:all");
    assertNull(config.rootfs());
    assertEquals("rootfs", config.rootShare());
    ShareOptions root = config.virtio().shares().get(0);
    assertEquals(folder.toString(), root.path());
    assertTrue(root.readOnly());
    assertEquals("all", config.virtio().shares().get(1).tag());
    String line = config.kernelCommandLine();
    assertTrue(line.contains(" root=rootfs rootfstype=9p rootflags=trans=virtio,"), line);
    assertTrue(line.contains(",cache=mmap"), line);
    assertTrue(line.contains(" ro jvmm.share=all:"), line);
    assertEquals(Transport.PCI, config.transport());
  }

  @Test
  void aBalloonWithoutASizeBeginsEmpty() {
    assertFalse(config("--kernel=k").virtio().hasBalloon());
    assertEquals(0, config("--kernel=k", "--balloon").virtio().balloonBytes());
  }

  @Test
  void aGuestIsToldHowToMountEachShare() {
    MachineConfig config =
        config(
            "--kernel=k",
            "--cmdline=debug",
            "--share=/a:data,security=none,cache=loose",
            "--share=/b:old-1.0,security=mapped-xattr,ro,acl",
            "--share=/c:two words",
            "--share=/d:.hidden");
    String options = "trans=virtio,version=9p2000.L,access=client,locktimeout=1,msize=512000";
    String words =
        (" jvmm.share=data:" + options + ",cache=loose")
            + (" jvmm.share=old-1.0:ro," + options + ",cache=mmap,posixacl")
            + " debug";
    String line = config.kernelCommandLine();
    assertTrue(line.endsWith(words), line);
    assertEquals(line.length() - words.length(), line.indexOf(" jvmm.share="), line);
  }

  @Test
  void aKernelIsToldThatThereIsNoPciBusUnlessThereIsOne() {
    MachineConfig mmio = config("--kernel=k", "--disk=d", "--transport=mmio");
    assertEquals(Transport.MMIO, mmio.transport());
    assertTrue(mmio.kernelCommandLine().contains(" pci=off"));
    MachineConfig pci = config("--kernel=k", "--transport=pci");
    assertEquals(Transport.PCI, pci.transport());
    assertFalse(pci.kernelCommandLine().contains("pci=off"));
    assertTrue(pci.kernelCommandLine().contains(" pci=noearly"));
  }

  @Test
  void virtioDevicesAreOnAPciBusUnlessTheKernelIsToldToFindNone() {
    assertEquals(Transport.PCI, config("--kernel=k", "--disk=d").transport());
    assertEquals(Transport.PCI, config("--kernel=k", "--rng", "--transport=auto").transport());
    assertEquals(Transport.MMIO, config("--kernel=k").transport(), "there is no such device");
    assertEquals(
        Transport.MMIO, config("--kernel=k", "--rootfs=r", "--cmdline=acpi=off").transport());
    assertEquals(
        Transport.MMIO, config("--kernel=k", "--rootfs=r", "--cmdline-only=x pci=off").transport());
  }

  @Test
  void cmdlineOnlyReplacesTheDefaults() {
    assertEquals("a b", config("--kernel=k", "--cmdline-only=a b").kernelCommandLine());
    assertEquals("", config("--kernel=k", "--cmdline-only=").kernelCommandLine());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "d.img        | d.img     | false",
        "d.img,ro     | d.img     | true",
        "d.img,rw     | d.img     | false",
        "a,b.img      | a,b.img   | false",
        "a,ro.img     | a,ro.img  | false",
        "x,ro,        | x,ro      | false",
      })
  void aDiskIsAPathAndPerhapsReadOnly(String text, String path, boolean readOnly) {
    assertEquals(DiskConfig.of(path, readOnly), MachineSettings.disk(text, "--disk"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--cpus=x    | --cpus: 'x' is not a number",
        "--cpus=1.5  | --cpus: '1.5' is not a number",
        "--cpus=99999999999 | --cpus: '99999999999' is not a number",
        "--entry=efi | --entry: 'efi' is not auto, linux or pvh",
        "--transport=isa | --transport: 'isa' is not auto, pci or mmio",
        "--rootfs=,ro | --rootfs: no path in ',ro'",
        "--pmem=p,rw  | --pmem: p,rw: persistent memory is always read-only",
        "--pmem=,ro   | --pmem: no path in ',ro'",
        "--port=a     | --port: 'a' is not NAME,unix=PATH, NAME,file=PATH or NAME,fd=N",
        "--port=a,unix= | --port: 'a,unix=' is not NAME,unix=PATH, NAME,file=PATH or NAME,fd=N",
        "--port=a,tcp=1 | --port: 'tcp' is not unix, file or fd",
        "--port=a,fd=x | --port: 'x' is not a number",
        "--disk=     | --disk: no path in ''",
        "--mem=lots  | --mem: 'lots' is not a size; write a whole number with K, M or G, as 512M",
      })
  void aValueThatCannotBeReadIsNamedWithItsOption(String option, String text) {
    UsageException e = assertThrows(UsageException.class, () -> config("--kernel=k", option));
    assertEquals(text, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "--cpus=0",
    "--cpus=33",
    "--cpus=-1",
    "--mem=1",
    "'--port=a b,fd=1'",
    "'--port=,fd=1'",
    "--balloon=257M",
    "--mem=0",
    "--mem=2T",
    "--mem=64001K"
  })
  void aValueOutOfRangeIsTheMachinesToRefuse(String option) {
    assertThrows(MachineConfigException.class, () -> config("--kernel=k", option));
  }

  @Test
  void aKernelIsNeeded() {
    UsageException e = assertThrows(UsageException.class, () -> config("--quiet"));
    assertEquals("no kernel: --kernel FILE names a vmlinux or a bzImage", e.getMessage());
  }

  @Test
  void theTwoCommandLinesExcludeEachOther() {
    UsageException e =
        assertThrows(
            UsageException.class, () -> config("--kernel=k", "--cmdline=a", "--cmdline-only=b"));
    assertTrue(String.valueOf(e.getMessage()).endsWith("give one of them"));
  }
}
