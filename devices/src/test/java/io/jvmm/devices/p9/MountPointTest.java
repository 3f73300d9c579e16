package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.tree.OpenFlags;
import io.jvmm.host.tree.Steps;
import io.jvmm.virtio.jvm.ShippedJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is mounted below a folder, in a mount namespace that only this test's own JVM is in. */
@Timeout(180)
class MountPointTest {
  private static final String OK = "ok";

  @Test
  void mountsAreCrossedWhereTheyAreNamedAndNowhereElse() throws Exception {
    assumeTrue(canMount(), "this process makes no mount namespaces");
    assertEquals(OK, ShippedJvm.runBy(List.of("unshare", "-rm"), MountPointTest.class));
  }

  private static boolean canMount() throws InterruptedException {
    try {
      return new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt")
              .redirectErrorStream(true)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** In the namespace. */
  public static void main(String[] args) throws Exception {
    run("mount -t tmpfs none /mnt");
    for (Steps steps : Steps.values()) {
      for (boolean readOnly : new boolean[] {false, true}) {
        Path folder = Files.createDirectories(Path.of("/mnt/" + steps + readOnly + "/shared"));
        makeMounts(folder);
        unnamedAreWalls(options(folder, readOnly), steps, folder);
        namedAreCrossed(options(folder, readOnly).withMounts(List.of("a/tmp", "bind")), steps);
        nothingIsNamedThatIsNotThere(options(folder, readOnly), steps);
      }
    }
    mayComeLater();
    System.out.println(OK);
  }

  private static void run(String words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words.split(" ", -1)).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(words + ": " + said);
    }
  }

  private static ShareOptions options(Path folder, boolean readOnly) {
    return P9Driver.plain(folder, readOnly);
  }

  /** Another file system, the same one once more, and a file; one mount is in another. */
  private static void makeMounts(Path folder) throws Exception {
    Path outside = Files.createDirectory(folder.resolveSibling("outside"));
    Files.writeString(outside.resolve("secret"), "SECRET");
    for (String place : List.of("a/tmp", "bind", "other")) {
      Files.createDirectories(folder.resolve(place));
      Files.writeString(folder.resolve(place + "/covered"), "covered");
    }
    Files.writeString(folder.resolve("file"), "covered");
    run("mount -t tmpfs none " + folder + "/a/tmp");
    Files.createDirectory(folder.resolve("a/tmp/inner"));
    Files.writeString(folder.resolve("a/tmp/in"), "in tmp");
    run("mount -t tmpfs none " + folder + "/a/tmp/inner");
    Files.writeString(folder.resolve("a/tmp/inner/in"), "in inner");
    run("mount --bind " + outside + " " + folder + "/bind");
    run("mount --bind " + outside + " " + folder + "/other");
    run("mount --bind " + outside + "/secret " + folder + "/file");
  }

  private static void unnamedAreWalls(ShareOptions options, Steps steps, Path folder)
      throws Exception {
    try (P9Driver driver = P9Driver.mount(options, steps)) {
      for (String name : List.of("bind", "other", "file")) {
        assertEquals(Errno.EXDEV, driver.walk(ROOT, 2, name), name);
      }
      assertEquals(0, driver.walk(ROOT, 2, "a", "tmp", "in"));
      assertEquals(1, driver.reply().getShort());
      assertEquals(0, driver.walk(ROOT, 3, "a"));
      assertEquals(Errno.EXDEV, driver.walk(3, 4, "tmp"));
      changesNone(driver, options.readOnly());
      Path late = folder.resolve("late");
      if (options.readOnly()) {
        return;
      }
      Files.createDirectories(late);
      Files.writeString(late.resolve("under"), "under");
      assertEquals(0, driver.walk(ROOT, 5, "late"));
      run("mount -t tmpfs none " + late); // over what is walked to already
      Files.writeString(late.resolve("over"), "over");
      assertEquals(Errno.ENOENT, driver.walk(5, 6, "over"));
      assertEquals(0, driver.walk(5, 6, "under"));
      assertEquals(Errno.EXDEV, driver.walk(ROOT, 7, "late"));
    }
  }

  /** Neither is a mount removed, nor moved, nor are its files. */
  private static void changesNone(P9Driver driver, boolean readOnly) {
    for (int flags : new int[] {0, P9.DOTL_AT_REMOVEDIR}) {
      assertNotEquals(0, driver.begin(P9.TUNLINKAT).u32(ROOT).string("bind").u32(flags).send());
      assertNotEquals(0, driver.begin(P9.TUNLINKAT).u32(ROOT).string("file").u32(flags).send());
    }
    driver.begin(P9.TRENAMEAT).u32(ROOT).string("bind").u32(ROOT).string("b");
    assertEquals(readOnly ? Errno.EROFS : Errno.EBUSY, driver.send());
    assertEquals(0, driver.walk(ROOT, 9));
    driver.begin(P9.TLCREATE).u32(9).string("file").u32(OpenFlags.O_RDWR).u32(0600).u32(0);
    assertEquals(readOnly ? Errno.EROFS : Errno.EXDEV, driver.send());
    assertEquals(0, driver.clunk(9));
  }

  private static void namedAreCrossed(ShareOptions options, Steps steps) {
    try (P9Driver driver = P9Driver.mount(options, steps)) {
      assertEquals(0, driver.walk(ROOT, 2, "a", "tmp", "in"));
      assertEquals(0, driver.walk(ROOT, 3, "bind", "secret"));
      assertEquals(0, driver.walk(ROOT, 4, "a", "tmp"));
      long tmp = driver.path(4);
      long in = driver.path(2);
      assertEquals(4, Set.of(tmp, in, driver.path(3), driver.path(ROOT)).size());
      assertEquals(0, driver.open(2, OpenFlags.O_RDONLY));
      assertEquals("in tmp", driver.read(2, 0, 100));
      assertEquals(0, driver.walk(4, 5, "..", "..", "..", "bind"));
      assertEquals(Errno.EXDEV, driver.walk(4, 6, "inner"));
      assertEquals(Errno.EXDEV, driver.walk(ROOT, 6, "other"));
      assertEquals(Errno.EXDEV, driver.walk(ROOT, 6, "file"));
      assertEquals(0, driver.walk(4, 6));
      assertEquals(0, driver.open(6, OpenFlags.O_DIRECTORY));
      Map<String, Long> listed = driver.list(6);
      assertEquals(tmp, listed.get("."));
      assertEquals(in, listed.get("in"));
      if (!options.readOnly()) {
        movesWithinAMountAlone(driver);
      }
    }
  }

  private static void movesWithinAMountAlone(P9Driver driver) {
    driver.begin(P9.TMKDIR).u32(4).string("made").u32(0700).u32(0).expect();
    driver.begin(P9.TRENAMEAT).u32(4).string("made").u32(ROOT).string("made");
    assertEquals(Errno.EXDEV, driver.send());
    driver.begin(P9.TRENAMEAT).u32(4).string("made").u32(4).string("moved").expect();
    assertEquals(Errno.EXDEV, driver.begin(P9.TLINK).u32(ROOT).u32(2).string("linked").send());
    driver.begin(P9.TUNLINKAT).u32(4).string("moved").u32(P9.DOTL_AT_REMOVEDIR).expect();
  }

  private static void nothingIsNamedThatIsNotThere(ShareOptions options, Steps steps) {
    for (String path : List.of("none", "a/none", "../outside", "a/../bind", "a//tmp", "file/x")) {
      ShareOptions wrong = options.withMounts(List.of("bind", path));
      SyscallException e =
          assertThrows(SyscallException.class, () -> Share.open(wrong, steps).close(), path);
      assertTrue(e.toString().contains(path), e::toString);
    }
  }

  /** A place that is named may be mounted on, and unmounted, at any time. */
  private static void mayComeLater() throws Exception {
    Path folder = Path.of("/mnt/later");
    Files.createDirectories(folder.resolve("place"));
    try (P9Driver driver =
        P9Driver.mount(options(folder, false).withMounts(List.of("place")), Steps.best())) {
      assertEquals(0, driver.walk(ROOT, 2, "place"));
      run("mount -t tmpfs none " + folder + "/place");
      Files.createFile(folder.resolve("place/new"));
      assertEquals(0, driver.walk(ROOT, 3, "place", "new"));
      assertEquals(2, driver.reply().getShort());
      assertEquals(0, driver.clunk(3));
      run("umount " + folder + "/place");
      assertEquals(Errno.ENOENT, driver.walk(2, 4, "new"));
      assertFalse(Files.exists(folder.resolve("place/new")));
    }
  }
}
