package io.jvmm.vmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortConfigTest {
  private static final String CONTENT = "precious";

  @TempDir private Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    for (String name : new String[] {"kernel", "initrd", "data", "log"}) {
      Files.writeString(folder.resolve(name), CONTENT);
    }
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private MachineConfig config() {
    return MachineConfig.forKernel(path("kernel"))
        .initrd(path("initrd"))
        .disk(DiskConfig.of(path("data"), false))
        .build();
  }

  private void isRefused(String name, String what) throws IOException {
    MachineConfigException refusal =
        assertThrows(
            MachineConfigException.class,
            () -> PortConfig.file("agent", path(name)).open(config()).close());
    assertEquals(
        "port agent: "
            + path(name)
            + " is the "
            + what
            + " of this machine, which the port would overwrite",
        String.valueOf(refusal.getMessage()));
    assertEquals(CONTENT, Files.readString(folder.resolve(name)));
  }

  @Test
  void theMachinesOwnFilesAreNotOverwritten() throws IOException {
    isRefused("kernel", "kernel " + path("kernel"));
    isRefused("initrd", "initrd " + path("initrd"));
    isRefused("data", "disk " + path("data"));
  }

  @Test
  void neitherByAnotherName() throws IOException {
    Files.createLink(folder.resolve("hard"), folder.resolve("data"));
    isRefused("hard", "disk " + path("data"));
  }

  @Test
  void anyOtherFileIsEmptiedOrMade() throws Exception {
    for (String name : new String[] {"log", "fresh"}) {
      PortConfig.file("agent", path(name)).open(config()).close();
      assertEquals("", Files.readString(folder.resolve(name)));
    }
  }
}
