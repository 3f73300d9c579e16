package io.jvmm.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.memory.GuestMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Kernels that {@code guest-images/build} has finished, where it has: the real headers. */
class RealKernelTest {
  @Test
  void theSmallVmlinuxIsLoadedByBothProtocols() throws IOException {
    String vmlinux = image("kernel-", "vmlinux");
    try (KernelImage kernel = KernelImage.open(vmlinux)) {
      KernelEntry linux = kernel.entry(EntryProtocol.AUTO);
      KernelEntry pvh = kernel.entry(EntryProtocol.PVH);

      assertEquals(KernelEntry.Protocol.LINUX_64, linux.protocol());
      assertEquals(0x100_0000, linux.rip());
      assertTrue(pvh.rip() > linux.rip() && pvh.rip() < kernel.end());
    }
  }

  @Test
  void mappedAndReadTheSmallVmlinuxIsTheSameInMemory() throws IOException {
    String vmlinux = image("kernel-", "vmlinux");
    try (GuestMemory read = memory();
        GuestMemory mapped = memory();
        KernelImage kernel = KernelImage.open(vmlinux)) {
      kernel.load(read, read.length(), false);
      kernel.load(mapped, mapped.length(), true);

      assertEquals(-1, read.slice(0, read.length()).mismatch(mapped.slice(0, mapped.length())));
    }
  }

  @Test
  void theSmallBzImageIsLoaded() throws IOException {
    assertBzImage(image("kernel-", "bzImage"));
  }

  @Test
  void debiansKernelIsLoaded() throws IOException {
    assertBzImage(image("debian-kernel-", "vmlinuz"));
  }

  private static void assertBzImage(String path) {
    try (GuestMemory memory = memory();
        KernelImage kernel = KernelImage.open(path)) {
      BootParameters parameters =
          new BootParameters(
              1, CommandLine.withDefaults(), null, List.of(), false, EntryProtocol.AUTO, false);
      KernelEntry entry = KernelLoader.load(kernel, parameters, memory);

      assertEquals(KernelEntry.Protocol.LINUX_64, entry.protocol());
      assertEquals(0x100_0200, entry.rip());
      assertTrue(memory.getLong(entry.rip()) != 0, "no code at the entry point");
    }
  }

  /** The newest finished file of that name in the cache of images. */
  private static String image(String folder, String name) throws IOException {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path images =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache", "jvmm", "images")
            : Path.of(cache, "jvmm", "images");
    Optional<Path> newest = Optional.empty();
    if (Files.isDirectory(images)) {
      try (Stream<Path> folders = Files.list(images)) {
        newest =
            folders
                .filter(f -> Objects.toString(f.getFileName(), "").startsWith(folder))
                .map(f -> f.resolve(name))
                .filter(Files::isReadable)
                .max(Comparator.comparingLong(f -> f.toFile().lastModified()));
      }
    }
    assumeTrue(newest.isPresent(), "no " + name + " yet; guest-images/build makes it");
    return newest.orElseThrow().toString();
  }

  private static GuestMemory memory() {
    return GuestMemory.allocate(
        256 << 20, MachineLayout.HOLE_START, MachineLayout.HOLE_END, GuestMemory.Backing.ANONYMOUS);
  }
}
