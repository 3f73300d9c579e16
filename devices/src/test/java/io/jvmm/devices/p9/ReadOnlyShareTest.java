package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmm.devices.driver.DeviceUnderTest;
import io.jvmm.host.Errno;
import io.jvmm.host.tree.OpenFlags;
import io.jvmm.virtio.jvm.ShippedJvm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest that does all that it can in a folder that is not to change. */
@Timeout(120)
class ReadOnlyShareTest {
  private static final String OK = "ok";

  /** A folder that is not the user's of the process. */
  private static final String OTHERS = "OTHERS";

  @TempDir private Path above;

  private Path folder;

  @BeforeEach
  void makeTree() throws IOException {
    folder = above.resolve("shared");
    make(folder);
  }

  private static void make(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("dir/sub"));
    Files.writeString(folder.resolve("dir/file"), "inside");
    Files.writeString(folder.resolve("file"), "inside");
    Files.getFileAttributeView(folder.resolve("file"), UserDefinedFileAttributeView.class)
        .write("note", ByteBuffer.wrap(new byte[5]));
    Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
  }

  /** Was read last so long ago that the next time is kept; looking for them comes first. */
  private static List<Path> old(Path folder) throws IOException, InterruptedException {
    List<Path> paths = TreeImage.paths(folder);
    List<String> touch = new ArrayList<>(List.of("touch", "-h", "-a", "-d", "2001-02-03"));
    paths.forEach(path -> touch.add(path.toString()));
    assertEquals(0, new ProcessBuilder(touch).start().waitFor());
    return paths;
  }

  /** Every message, of every kind of file. */
  private static void throwAllAt(P9Driver driver) {
    for (String name : List.of("", "dir", "dir/sub", "file", "dir/file", "link", "none")) {
      String[] way = name.isEmpty() ? new String[0] : name.split("/", -1);
      for (int flags : new int[] {0, 1, 2, 3, OpenFlags.O_TRUNC, OpenFlags.O_APPEND | 1, -1}) {
        if (driver.walk(ROOT, 2, way) == 0 && driver.open(2, flags) == 0) {
          driver.begin(P9.TREAD).u32(2).u64(0).u32(100).send();
          driver.begin(P9.TREADDIR).u32(2).u64(0).u32(1000).send();
          driver.write(2, 0, "changed");
          driver.begin(P9.TFSYNC).u32(2).u32(0).send();
          driver.begin(P9.TLOCK).u32(2).u8(1).u32(0).u64(0).u64(0).u32(1).string("x").send();
          driver.begin(P9.TGETLOCK).u32(2).u8(1).u64(0).u64(0).u32(1).string("x").send();
          set(driver, P9.SETATTR_SIZE);
        }
        driver.clunk(2);
      }
      if (driver.walk(ROOT, 2, way) == 0) {
        throwAllAt(driver, 2);
      }
      driver.clunk(2);
    }
    driver.begin(P9.TRENAMEAT).u32(ROOT).string("file").u32(ROOT).string("moved").send();
    for (String name : List.of("file", "dir", "link")) {
      driver.begin(P9.TUNLINKAT).u32(ROOT).string(name).u32(0).send();
      driver.begin(P9.TUNLINKAT).u32(ROOT).string(name).u32(P9.DOTL_AT_REMOVEDIR).send();
      driver.walk(ROOT, 2, name);
      driver.begin(P9.TREMOVE).u32(2).send();
    }
  }

  private static void throwAllAt(P9Driver driver, int fid) {
    driver.begin(P9.TGETATTR).u32(fid).u64(-1).send();
    driver.begin(P9.TSTATFS).u32(fid).send();
    driver.begin(P9.TREADLINK).u32(fid).send();
    for (int valid = 1; valid <= P9.SETATTR_MTIME_SET; valid <<= 1) {
      set(driver, valid);
    }
    set(driver, -1);
    for (String name : List.of("", "user.note", "user.none", "system.posix_acl_access")) {
      if (driver.begin(P9.TXATTRWALK).u32(fid).u32(3).string(name).send() == 0) {
        driver.begin(P9.TREAD).u32(3).u64(0).u32(100).send();
        driver.clunk(3);
      }
      driver.walk(fid, 3);
      driver.begin(P9.TXATTRCREATE).u32(3).string(name).u64(1).u32(0).send();
      driver.write(3, 0, "x");
      driver.clunk(3);
    }
    driver.walk(fid, 3);
    driver.begin(P9.TLCREATE).u32(3).string("made").u32(2).u32(0600).u32(0).send();
    driver.write(3, 0, "x");
    driver.clunk(3);
    driver.begin(P9.TMKDIR).u32(fid).string("made").u32(0700).u32(0).send();
    driver.begin(P9.TMKNOD).u32(fid).string("made").u32(0010600).u32(0).u32(0).u32(0).send();
    driver.begin(P9.TSYMLINK).u32(fid).string("made").string("x").u32(0).send();
    driver.begin(P9.TLINK).u32(ROOT).u32(fid).string("linked").send();
    driver.begin(P9.TRENAME).u32(fid).u32(ROOT).string("moved").send();
  }

  private static void set(P9Driver driver, int valid) {
    driver.begin(P9.TSETATTR).u32(2).u32(valid).u32(0777).u32(1).u32(1).u64(0);
    driver.u64(1).u64(0).u64(1).u64(0).send();
  }

  @Test
  void nothingOfItChanges() throws Exception {
    List<Path> paths = old(folder);
    boolean keepsAccess;
    Map<Path, String> before = TreeImage.accesses(paths);
    List<String> news = new ArrayList<>();
    try (P9Driver driver = P9Driver.mountReadOnly(folder)) {
      keepsAccess = keepsAccess(news);
      throwAllAt(driver);
      assertEquals(0, driver.walk(ROOT, 5, "file"));
      assertEquals(0, driver.open(5, OpenFlags.O_RDONLY));
      assertEquals("inside", driver.read(5, 0, 100));
      assertEquals(List.of(".", "..", "dir", "file", "link"), listRoot(driver));
    }
    assumeTrue(keepsAccess, news::toString);
    assertEquals(before, TreeImage.accesses(paths));
    assertEquals(paths, TreeImage.paths(folder));
  }

  private static List<String> listRoot(P9Driver driver) {
    assertEquals(0, driver.walk(ROOT, 6));
    assertEquals(0, driver.open(6, OpenFlags.O_DIRECTORY));
    return List.copyOf(driver.list(6).keySet());
  }

  /** What is told at the start. */
  private boolean keepsAccess(List<String> news) {
    ShareOptions options = P9Driver.plain(folder, true);
    new DeviceUnderTest(loop -> SharedFolder.open(options, loop, news::add)).close();
    return news.isEmpty();
  }

  @Test
  void readingChangesTimesOfAccessWhereTheyMay() throws Exception {
    List<Path> paths = old(folder);
    Map<Path, String> before = TreeImage.accesses(paths);
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2, "file"));
      assertEquals(0, driver.open(2, OpenFlags.O_RDONLY));
      assertEquals("inside", driver.read(2, 0, 100));
      assertEquals(0, driver.walk(ROOT, 3, "link"));
      driver.begin(P9.TREADLINK).u32(3).expect();
      listRoot(driver);
    }
    Map<Path, String> after = TreeImage.accesses(paths);
    assumeTrue(!before.equals(after), "times of access are not kept here");
    for (String read : List.of("", "file", "link")) {
      Path path = folder.resolve(read).normalize();
      assertNotEquals(before.get(path), after.get(path), read);
    }
  }

  @Test
  void whoMayNotHideItsAccessIsTold() throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/bin/setpriv")), "no setpriv");
    assumeTrue(System.getProperty("user.name").equals("root"), "not root");
    Files.setAttribute(folder, "unix:uid", 65534);
    assertEquals(
        OK,
        ShippedJvm.runBy(
            List.of(
                "env", OTHERS + "=" + folder, "setpriv", "--bounding-set=-all", "--inh-caps=-all"),
            ReadOnlyShareTest.class));
  }

  /** Without any right of root's. */
  public static void main(String[] args) throws Exception {
    List<String> news = new ArrayList<>();
    ShareOptions others = P9Driver.plain(Path.of(System.getenv(OTHERS)), true);
    new DeviceUnderTest(loop -> SharedFolder.open(others, loop, news::add)).close();
    assertEquals(1, news.size(), news::toString);
    assertTrue(news.getFirst().startsWith("share tag: "), news::toString);
    Path own = Files.createTempDirectory("jvmm-read-only");
    make(own);
    old(own);
    List<Path> files =
        List.of(own, own.resolve("file"), own.resolve("dir"), own.resolve("dir/file"));
    Map<Path, String> before = TreeImage.accesses(files);
    try (P9Driver driver = P9Driver.mountReadOnly(own)) {
      throwAllAt(driver);
      assertEquals(Errno.EROFS, driver.begin(P9.TUNLINKAT).u32(ROOT).string("file").u32(0).send());
    }
    assertEquals(before, TreeImage.accesses(files));
    List<Path> all = new ArrayList<>(TreeImage.paths(own));
    for (Path path : all.reversed()) {
      Files.delete(path);
    }
    System.out.println(OK);
  }
}
