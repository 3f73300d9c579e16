package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.host.tree.OpenFlags;
import io.jvmm.virtio.jvm.ShippedJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A driver that has this process keep all it can, in the heap that it ships with. */
class HeapBoundTest {
  private static final int SOME = 5_000;

  @Test
  void longNamesAndAttributesLeaveRoomInTheHeap() throws Exception {
    assertEquals("done", ShippedJvm.run(HeapBoundTest.class, List.of()));
  }

  /** With the shipped options. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("jvmm-share");
    Path directory = Files.createDirectory(folder.resolve("d".repeat(255)));
    Path file = Files.writeString(directory.resolve("f".repeat(255)), "0123456789");
    try (P9Driver driver = P9Driver.mount(folder)) {
      int fid = takeAttributes(driver, ROOT + 1);
      int error = 0;
      while (error == 0) {
        error = driver.walk(ROOT, fid++, "d".repeat(255), "f".repeat(255));
      }
      assertEquals(Errno.EMFILE, error);
      assertTrue(fid < Session.FIDS_MAX, () -> "names have no bound");
      for (int last = fid - 2; last > fid - 2 - SOME; last--) {
        assertEquals(0, driver.clunk(last));
      }
      assertEquals(0, driver.walk(ROOT, 0, "d".repeat(255), "f".repeat(255)));
      assertEquals(0, driver.open(0, OpenFlags.O_RDONLY));
      assertEquals("0123456789", driver.read(0, 0, 100));
      assertEquals(List.of(), driver.test.failures);
    }
    Files.delete(file);
    Files.delete(directory);
    Files.delete(folder);
    System.out.println("done");
  }

  private static int takeAttributes(P9Driver driver, int first) {
    int fid = first;
    int error = 0;
    while (error == 0) {
      assertEquals(0, driver.walk(ROOT, fid));
      driver.begin(P9.TXATTRCREATE).u32(fid++).string("user.x");
      error = driver.u64(ExtendedAttribute.SIZE_MAX).u32(0).send();
    }
    assertEquals(Errno.EMFILE, error);
    return fid;
  }
}
