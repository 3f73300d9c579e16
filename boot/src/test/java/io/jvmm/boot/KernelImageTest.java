package io.jvmm.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KernelImageTest {
  @TempDir Path directory;

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertEquals(
        "kernel /nowhere/vmlinux: cannot be opened: no such file",
        Refusal.message(() -> KernelImage.open("/nowhere/vmlinux")));
  }

  @Test
  void aDirectoryIsNoKernel() {
    assertEquals(
        "kernel " + directory + ": cannot be opened: it is a directory",
        Refusal.message(() -> KernelImage.open(directory.toString())));
  }

  @Test
  void aPathThroughAFileIsNamedAsSuch() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Refusal.assertRefused(
        "cannot be opened: a part of the path is no directory",
        () -> KernelImage.open(file + "/vmlinux"));
  }

  @Test
  void aDeviceIsNoKernel() {
    assertEquals(
        "kernel /dev/zero: is not a regular file",
        Refusal.message(() -> KernelImage.open("/dev/zero")));
  }

  @Test
  void anEmptyFileIsNoKernel() throws Exception {
    Path file = Files.createFile(directory.resolve("empty"));
    Refusal.assertRefused("/empty: is empty", () -> KernelImage.open(file.toString()));
  }

  static Stream<Arguments> foreign() {
    return Stream.of(
        Arguments.of("text", bytes("#!/bin/sh\n"), "is neither an ELF vmlinux nor a bzImage"),
        Arguments.of("one byte", new byte[] {0x7F}, "is neither an ELF vmlinux nor a bzImage"),
        Arguments.of("zeros", new byte[8192], "is neither an ELF vmlinux nor a bzImage"),
        Arguments.of("arm64", at(56, 'A', 'R', 'M', 0x64), "is an arm64 Image"),
        Arguments.of("RISC-V", at(56, 'R', 'S', 'C', 0x05), "is a RISC-V Image"),
        Arguments.of("gzip", at(0, 0x1F, 0x8B), "is a compressed file; unpack it first"),
        Arguments.of("xz", at(0, 0xFD, '7', 'z', 'X', 'Z'), "is a compressed file"),
        Arguments.of("zstd", at(0, 0x28, 0xB5, 0x2F, 0xFD), "is a compressed file"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("foreign")
  void aForeignFileIsCalledWhatItIs(String name, byte[] content, String text) throws Exception {
    Path file = Files.write(directory.resolve("foreign"), content);
    Refusal.assertRefused("/foreign: " + text, () -> KernelImage.open(file.toString()));
  }

  @Test
  void aMagicThatIsCutIsNotRecognized() throws Exception {
    byte[] arm64 = at(56, 'A', 'R', 'M', 0x64);
    Path file = Files.write(directory.resolve("foreign"), Arrays.copyOf(arm64, 59));
    Refusal.assertRefused("is neither an ELF", () -> KernelImage.open(file.toString()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] at(int offset, int... magic) {
    byte[] bytes = new byte[256];
    for (int i = 0; i < magic.length; i++) {
      bytes[offset + i] = (byte) magic[i];
    }
    return bytes;
  }
}
