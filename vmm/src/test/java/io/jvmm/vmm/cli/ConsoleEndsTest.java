package io.jvmm.vmm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jvmm.vmm.DiskConfig;
import io.jvmm.vmm.MachineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleEndsTest {
  private static final String CONTENT = "precious";

  @TempDir private Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    for (String name : new String[] {"kernel", "initrd", "root", "data", "log"}) {
      Files.writeString(folder.resolve(name), CONTENT);
    }
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private MachineConfig config() {
    return MachineConfig.forKernel(path("kernel"))
        .initrd(path("initrd"))
        .rootfs(DiskConfig.of(path("root"), true))
        .disk(DiskConfig.of(path("data"), false))
        .build();
  }

  private String refusal(String where) {
    UsageException refusal =
        assertThrows(UsageException.class, () -> ConsoleEnds.open(where, config()));
    return String.valueOf(refusal.getMessage());
  }

  private void isRefused(String name, String what) throws IOException {
    assertEquals(
        "--console "
            + path(name)
            + ": is the "
            + what
            + " of this machine, which the console would overwrite",
        refusal(path(name)));
    assertEquals(CONTENT, Files.readString(folder.resolve(name)));
  }

  @Test
  void theMachinesOwnFilesAreNotOverwritten() throws IOException {
    isRefused("kernel", "kernel " + path("kernel"));
    isRefused("initrd", "initrd " + path("initrd"));
    isRefused("root", "disk " + path("root"));
    isRefused("data", "disk " + path("data"));
  }

  @Test
  void neitherByAnotherName() throws IOException {
    Files.createLink(folder.resolve("hard"), folder.resolve("data"));
    isRefused("hard", "disk " + path("data"));
    Files.createSymbolicLink(folder.resolve("soft"), folder.resolve("initrd"));
    isRefused("soft", "initrd " + path("initrd"));
  }

  @Test
  void anyOtherFileIsEmptiedOrMade() throws IOException {
    for (String name : new String[] {"log", "fresh"}) {
      ConsoleEnds ends = ConsoleEnds.open(path(name), config());
      assertFalse(ends.isTerminal());
      close(ends);
      assertEquals("", Files.readString(folder.resolve(name)));
    }
  }

  /** As the machine would, which is not there. */
  private static void close(ConsoleEnds ends) {
    var output = ends.console().output();
    if (output != null) {
      output.close();
    }
  }
}
