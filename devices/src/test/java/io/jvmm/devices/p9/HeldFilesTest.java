package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.host.tree.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest has more files in hand than the host gives descriptors for. */
@Timeout(60)
class HeldFilesTest {
  private static final int HELD_MAX = 64;
  private static final int FILES = 1000;
  private static final int FIRST = 100; // fid

  @TempDir private Path folder;

  @BeforeEach
  void makeFiles() throws IOException {
    Files.createDirectory(folder.resolve("d"));
    for (int i = 0; i < FILES; i++) {
      Files.writeString(folder.resolve("d/" + i), "file " + i);
    }
  }

  private P9Driver withAllWalkedTo() {
    P9Driver driver = P9Driver.mountHolding(folder, HELD_MAX);
    for (int i = 0; i < FILES; i++) {
      assertEquals(0, driver.walk(ROOT, FIRST + i, "d", "" + i));
    }
    return driver;
  }

  /** Of this process, that lead into the folder. */
  private long descriptors() throws IOException {
    try (var all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(fd -> leadsIntoFolder(fd)).count();
    }
  }

  private boolean leadsIntoFolder(Path fd) {
    try {
      return Files.readSymbolicLink(fd).startsWith(folder.toRealPath());
    } catch (IOException gone) {
      return false;
    }
  }

  @Test
  void itHasThemAllWithFewDescriptors() throws IOException {
    try (P9Driver driver = withAllWalkedTo()) {
      assertTrue(descriptors() <= 2 * HELD_MAX + 2, descriptors() + " descriptors");
      for (int i = 0; i < FILES; i++) {
        assertEquals(0, driver.walk(FIRST + i, 2));
        assertEquals(0, driver.open(2, OpenFlags.O_RDONLY));
        assertEquals("file " + i, driver.read(2, 0, 100));
        assertEquals(0, driver.clunk(2));
      }
      assertTrue(descriptors() <= 2 * HELD_MAX + 2, descriptors() + " descriptors");
    }
    assertEquals(0, descriptors());
  }

  @Test
  void aFileThatTheHostPutsInItsPlaceIsNotTakenForIt() throws IOException {
    try (P9Driver driver = withAllWalkedTo()) {
      Files.move(folder.resolve("d/0"), folder.resolve("d/other"));
      Files.writeString(folder.resolve("d/0"), "not it");
      assertEquals(Errno.ESTALE, driver.open(FIRST, OpenFlags.O_RDONLY));
      Files.delete(folder.resolve("d/0"));
      Files.move(folder.resolve("d/other"), folder.resolve("d/0"));
      assertEquals(0, driver.open(FIRST, OpenFlags.O_RDONLY));
      assertEquals("file 0", driver.read(FIRST, 0, 100));
    }
  }

  @Test
  void aFileIsKeptWhenTheGuestTakesItsNameAway() throws IOException {
    try (P9Driver driver = withAllWalkedTo()) {
      assertEquals(0, driver.walk(ROOT, 2, "d"));
      driver.begin(P9.TUNLINKAT).u32(2).string("0").u32(0).expect();
      driver.begin(P9.TRENAMEAT).u32(2).string("1").u32(2).string("2").expect();
      assertEquals(0, driver.walk(2, 3, "3"));
      driver.begin(P9.TRENAME).u32(3).u32(2).string("moved").expect();
      assertEquals(0, driver.walk(2, 4, "4"));
      driver.begin(P9.TREMOVE).u32(4).expect();
      for (int i = 0; i < 5; i++) {
        assertEquals(0, driver.open(FIRST + i, OpenFlags.O_RDONLY));
        assertEquals("file " + i, driver.read(FIRST + i, 0, 100));
      }
    }
  }

  @Test
  void anOpenFileIsNeverLetGo() throws IOException {
    try (P9Driver driver = P9Driver.mountHolding(folder, HELD_MAX)) {
      assertEquals(0, driver.walk(ROOT, 2, "d", "0"));
      assertEquals(0, driver.open(2, OpenFlags.O_RDWR));
      Files.delete(folder.resolve("d/0"));
      for (int i = 1; i < FILES; i++) {
        assertEquals(0, driver.walk(ROOT, FIRST + i, "d", "" + i));
      }
      assertEquals(0, driver.begin(P9.TGETATTR).u32(2).u64(P9.GETATTR_BASIC).send());
      assertEquals("file 0", driver.read(2, 0, 100));
    }
  }

  @Test
  void whereNoneCanBeLetGoTheGuestIsToldAndGoesOnAfterItHasClunkedSome() throws IOException {
    for (int i = 0; i < 3 * HELD_MAX; i++) {
      Files.createDirectories(folder.resolve("tree/" + i + "/below"));
    }
    try (P9Driver driver = P9Driver.mountHolding(folder, HELD_MAX)) {
      int walked = 0;
      while (driver.walk(ROOT, FIRST + walked, "tree", "" + walked, "below") == 0) {
        assertEquals(0, driver.open(FIRST + walked, OpenFlags.O_RDONLY)); // so they are all kept
        walked++;
      }
      assertEquals(Errno.EMFILE, driver.walk(ROOT, 2, "tree"));
      assertTrue(walked >= HELD_MAX / 4, walked + " walked");
      for (int i = 0; i < walked; i++) {
        assertEquals(0, driver.clunk(FIRST + i));
      }
      assertEquals(0, driver.walk(ROOT, 2, "tree"));
    }
  }
}
