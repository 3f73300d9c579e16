package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.host.tree.OpenFlags;
import io.jvmm.host.tree.Steps;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest that wants out of its folder: nothing outside is read, and nothing there changes. */
@Timeout(60)
@ParameterizedClass
@EnumSource(Steps.class)
class EscapeTest {
  /** What is no name of an entry. */
  private static final List<String> NO_NAMES =
      List.of(
          "",
          ".",
          "..",
          "/",
          "a/b",
          "../secret",
          "/etc/passwd",
          "dir/../../secret",
          "dir/",
          "a\0b",
          "secret\0",
          "\0",
          "x".repeat(256),
          "x".repeat(5000));

  @TempDir private Path above;

  @Parameter private Steps steps = Steps.CONFINED;

  private Path folder;
  private Map<Path, String> before;

  @BeforeEach
  void makeTrees() throws IOException {
    Path outside = Files.createDirectories(above.resolve("outside/deep"));
    Files.writeString(above.resolve("secret"), "SECRET");
    Files.writeString(outside.resolve("secret"), "SECRET");
    folder = Files.createDirectory(above.resolve("shared"));
    Files.createDirectories(folder.resolve("dir/sub/low"));
    Files.writeString(folder.resolve("file"), "inside");
    before = outside();
  }

  private Map<Path, String> outside() throws IOException {
    Map<Path, String> image = TreeImage.of(above.resolve("outside"));
    image.putAll(TreeImage.of(above.resolve("secret")));
    return image;
  }

  @AfterEach
  void nothingOutsideHasChanged() throws IOException {
    assertEquals(before, outside());
  }

  private P9Driver mount() {
    return P9Driver.mount(folder, steps);
  }

  @Test
  void noMessageTakesAPathForAName() throws IOException {
    Map<Path, String> inside;
    try (P9Driver driver = mount()) {
      assertEquals(0, driver.walk(ROOT, 2, "file"));
      assertEquals(0, driver.walk(ROOT, 3, "dir"));
      inside = TreeImage.of(folder);
      for (String name : NO_NAMES) {
        refusesToMake(driver, name);
        refusesToMove(driver, name);
        if (!name.equals(".") && !name.equals("..")) {
          assertNotEquals(0, driver.walk(3, 10, name), name);
          assertEquals(Errno.ENOTDIR, driver.walk(2, 10, name), name);
        }
      }
      assertEquals(Errno.ENOTDIR, driver.walk(2, 10, ".."));
      assertEquals(Errno.ENOTDIR, driver.walk(2, 10, "."));
    }
    assertEquals(inside, TreeImage.of(folder));
  }

  private static void refusesToMake(P9Driver driver, String name) {
    assertEquals(0, driver.walk(3, 9));
    driver.begin(P9.TLCREATE).u32(9).string(name).u32(OpenFlags.O_RDWR).u32(0600).u32(0);
    assertNotEquals(0, driver.send(), name);
    assertEquals(0, driver.clunk(9));
    driver.begin(P9.TMKDIR).u32(3).string(name).u32(0700).u32(0);
    assertNotEquals(0, driver.send(), name);
    driver.begin(P9.TMKNOD).u32(3).string(name).u32(0100600).u32(0).u32(0).u32(0);
    assertNotEquals(0, driver.send(), name);
    driver.begin(P9.TSYMLINK).u32(3).string(name).string("x").u32(0);
    assertNotEquals(0, driver.send(), name);
    assertNotEquals(0, driver.begin(P9.TLINK).u32(3).u32(2).string(name).send(), name);
  }

  private static void refusesToMove(P9Driver driver, String name) {
    assertNotEquals(0, driver.begin(P9.TRENAME).u32(2).u32(3).string(name).send(), name);
    driver.begin(P9.TRENAMEAT).u32(ROOT).string("file").u32(3).string(name);
    assertNotEquals(0, driver.send(), name);
    driver.begin(P9.TRENAMEAT).u32(3).string(name).u32(ROOT).string("moved");
    assertNotEquals(0, driver.send(), name);
    for (int flags : new int[] {0, P9.DOTL_AT_REMOVEDIR, -1}) {
      driver.begin(P9.TUNLINKAT).u32(3).string(name).u32(flags);
      assertNotEquals(0, driver.send(), name);
    }
  }

  @Test
  void stepsUpEndAtTheRoot() {
    try (P9Driver driver = mount()) {
      long root = driver.path(ROOT);
      assertEquals(0, driver.walk(ROOT, 2, "..", "..", "..", ".."));
      assertEquals(root, driver.path(2));
      assertEquals(0, driver.walk(ROOT, 3, "dir", "sub", "low"));
      assertEquals(0, driver.walk(3, 4, "..", "..", "..", "..", "..", ".."));
      assertEquals(root, driver.path(4));
      assertEquals(0, driver.walk(ROOT, 5, "dir", "..", "..", "dir", "sub", "..", "..", ".."));
      assertEquals(root, driver.path(5));
      assertEquals(Errno.ENOENT, driver.walk(4, 6, "secret"));
      assertEquals(Errno.ENOENT, driver.walk(4, 6, "outside"));
    }
  }

  @Test
  void aDirectoryThatWasMovedOutIsNoWayOut() throws IOException {
    try (P9Driver driver = mount()) {
      assertEquals(0, driver.walk(ROOT, 2, "dir", "sub"));
      assertEquals(0, driver.walk(2, 3, "low"));
      Path moved = above.resolve("moved");
      Files.move(folder.resolve("dir/sub"), moved);
      assertEquals(Errno.ESTALE, driver.walk(2, 4, ".."));
      assertEquals(0, driver.walk(3, 4, ".."));
      assertEquals(Errno.ESTALE, driver.walk(4, 5, ".."));
      assertEquals(0, driver.walk(3, 5, "..", "..", "secret")); // as far as the first step
      assertEquals(1, driver.reply().getShort());
      assertEquals(Errno.EBADF, driver.clunk(5));
      assertEquals(0, driver.walk(2, 6));
      assertEquals(0, driver.open(6, OpenFlags.O_DIRECTORY));
      assertNotEquals(TreeImage.inode(above), driver.list(6).get(".."));
      assertNotEquals(0, driver.begin(P9.TREMOVE).u32(2).send());
      assertTrue(Files.exists(moved));
    }
  }

  private void makeLinks() throws IOException {
    Files.createSymbolicLink(folder.resolve("absolute"), above.resolve("secret"));
    Files.createSymbolicLink(folder.resolve("relative"), Path.of("../secret"));
    Files.createSymbolicLink(folder.resolve("up"), Path.of(".."));
    Files.createSymbolicLink(folder.resolve("root"), Path.of("/"));
    Files.createSymbolicLink(folder.resolve("etc"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(folder.resolve("outside"), above.resolve("outside"));
    Files.createSymbolicLink(folder.resolve("chain"), Path.of("up"));
    Files.createSymbolicLink(folder.resolve("chain-of-chains"), Path.of("chain"));
    Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(folder.resolve("nothing"), above.resolve("not-there"));
    Files.createSymbolicLink(folder.resolve("dir/inner"), Path.of("../../outside/deep"));
  }

  private static void makeLinksAsGuest(P9Driver driver) {
    driver.begin(P9.TSYMLINK).u32(ROOT).string("guest-up").string("..").u32(0).expect();
    driver.begin(P9.TSYMLINK).u32(ROOT).string("guest-etc").string("/etc/passwd").u32(0).expect();
    driver.begin(P9.TSYMLINK).u32(ROOT).string("guest-proc").string("/proc/self/root").u32(0);
    driver.expect();
  }

  private static final List<String> LINKS =
      List.of(
          "absolute",
          "relative",
          "up",
          "root",
          "etc",
          "outside",
          "chain",
          "chain-of-chains",
          "loop",
          "nothing",
          "guest-up",
          "guest-etc",
          "guest-proc");

  @Test
  void noSymbolicLinkIsFollowed() throws IOException {
    makeLinks();
    try (P9Driver driver = mount()) {
      makeLinksAsGuest(driver);
      for (String link : LINKS) {
        assertEquals(0, driver.walk(ROOT, 2, link), link);
        assertEquals(TreeImage.inode(folder.resolve(link)), driver.path(2), link);
        for (String next : List.of("secret", "..", ".", "deep", "etc", link)) {
          assertEquals(Errno.ENOTDIR, driver.walk(2, 3, next), link);
          assertEquals(0, driver.walk(ROOT, 3, link, next), link); // as far as the link
          assertEquals(1, driver.reply().getShort(), link);
          assertEquals(Errno.EBADF, driver.clunk(3), link);
        }
        for (int flags : new int[] {0, 1, 2, OpenFlags.O_TRUNC, OpenFlags.O_DIRECTORY, -1}) {
          assertEquals(Errno.ELOOP, driver.open(2, flags), link);
        }
        driver.begin(P9.TMKDIR).u32(2).string("made").u32(0700).u32(0);
        assertEquals(Errno.ENOTDIR, driver.send(), link);
        driver.begin(P9.TLCREATE).u32(2).string("made").u32(1).u32(0600).u32(0);
        assertEquals(Errno.ENOTDIR, driver.send(), link);
        assertEquals(
            Errno.ENOTDIR, driver.begin(P9.TUNLINKAT).u32(2).string("secret").u32(0).send());
        driver.begin(P9.TRENAMEAT).u32(2).string("secret").u32(ROOT).string("got");
        assertEquals(Errno.ENOTDIR, driver.send(), link);
        driver.begin(P9.TRENAMEAT).u32(ROOT).string("file").u32(2).string("put");
        assertEquals(Errno.ENOTDIR, driver.send(), link);
        makesNothingOver(driver, link);
        assertEquals(0, driver.clunk(2), link);
      }
      assertEquals(0, driver.walk(ROOT, 2, "dir", "inner", "secret"));
      assertEquals(2, driver.reply().getShort());
    }
    assertFalse(Files.exists(above.resolve("not-there")));
    assertEquals("inside", Files.readString(folder.resolve("file")));
  }

  private static void makesNothingOver(P9Driver driver, String link) {
    for (int flags : new int[] {1, 1 | OpenFlags.O_EXCL, 1 | OpenFlags.O_TRUNC}) {
      assertEquals(0, driver.walk(ROOT, 4), link);
      driver.begin(P9.TLCREATE).u32(4).string(link).u32(flags).u32(0600).u32(0);
      boolean isNew = (flags & OpenFlags.O_EXCL) != 0;
      assertEquals(isNew ? Errno.EEXIST : Errno.ELOOP, driver.send(), link);
      assertEquals(0, driver.clunk(4), link);
    }
    driver.begin(P9.TMKDIR).u32(ROOT).string(link).u32(0700).u32(0);
    assertEquals(Errno.EEXIST, driver.send(), link);
  }

  @Test
  void whatIsSetOfALinkIsTheLinksOwn() throws IOException {
    makeLinks();
    try (P9Driver driver = mount()) {
      for (String link : List.of("absolute", "relative", "outside", "up", "nothing")) {
        assertEquals(0, driver.walk(ROOT, 2, link));
        set(driver, P9.SETATTR_MODE); // refused, or the link's own on some file systems
        assertNotEquals(0, set(driver, P9.SETATTR_SIZE));
        set(driver, P9.SETATTR_UID | P9.SETATTR_GID);
        int times = P9.SETATTR_ATIME | P9.SETATTR_MTIME;
        assertEquals(0, set(driver, times | P9.SETATTR_ATIME_SET | P9.SETATTR_MTIME_SET));
        assertEquals(
            1000,
            Files.getLastModifiedTime(folder.resolve(link), LinkOption.NOFOLLOW_LINKS).toMillis());
        for (String name : List.of("user.x", "trusted.x", "security.x", "system.x")) {
          assertEquals(0, driver.walk(ROOT, 3, link));
          if (driver.begin(P9.TXATTRCREATE).u32(3).string(name).u64(1).u32(0).send() == 0) {
            assertEquals(0, driver.write(3, 0, "x"));
          }
          driver.clunk(3); // a link may have attributes of root's
          assertNoAttribute(driver, name, link);
        }
        assertEquals(0, driver.clunk(2));
      }
    }
  }

  private void assertNoAttribute(P9Driver driver, String name, String link) throws IOException {
    Path target = folder.resolve(link);
    if (Files.exists(target)) {
      var view = Files.getFileAttributeView(target, UserDefinedFileAttributeView.class);
      assertEquals(List.of(), view.list(), name);
    }
    driver.begin(P9.TXATTRWALK).u32(2).u32(5).string("user.x");
    assertNotEquals(0, driver.send(), name);
  }

  private static int set(P9Driver driver, int valid) {
    driver.begin(P9.TSETATTR).u32(2).u32(valid).u32(0777).u32(1).u32(1).u64(0);
    return driver.u64(1).u64(0).u64(1).u64(0).send();
  }

  @Test
  void aFileThatWasReplacedByALinkStaysThatFile() throws IOException {
    try (P9Driver driver = mount()) {
      assertEquals(0, driver.walk(ROOT, 2, "file"));
      Files.delete(folder.resolve("file"));
      Files.createSymbolicLink(folder.resolve("file"), above.resolve("secret"));
      driver.begin(P9.TLINK).u32(ROOT).u32(2).string("linked");
      assertEquals(Errno.ENOENT, driver.send()); // it has no name any more
      assertEquals(0, set(driver, P9.SETATTR_MODE));
      assertEquals(0, set(driver, P9.SETATTR_SIZE));
      assertEquals(0, driver.open(2, OpenFlags.O_RDWR));
      assertEquals("", driver.read(2, 0, 100));
      assertEquals(0, driver.write(2, 0, "x"));
      driver.begin(P9.TRENAME).u32(2).u32(ROOT).string("other");
      assertEquals(Errno.ENOENT, driver.send());
      assertEquals(0, driver.walk(ROOT, 3, "file"));
      driver.begin(P9.TLINK).u32(ROOT).u32(3).string("linked");
      assertEquals(0, driver.send());
      assertTrue(Files.isSymbolicLink(folder.resolve("linked")));
      assertNotEquals(0, driver.begin(P9.TREMOVE).u32(2).send());
      assertTrue(Files.isSymbolicLink(folder.resolve("file")));
    }
  }

  @Test
  void aDirectoryThatWasReplacedByALinkStaysThatDirectory() throws IOException {
    try (P9Driver driver = mount()) {
      assertEquals(0, driver.walk(ROOT, 2, "dir"));
      Files.move(folder.resolve("dir"), folder.resolve("was-dir"));
      Files.createSymbolicLink(folder.resolve("dir"), above.resolve("outside"));
      driver.begin(P9.TMKDIR).u32(2).string("made").u32(0700).u32(0).expect();
      assertTrue(Files.isDirectory(folder.resolve("was-dir/made")));
      assertEquals(0, driver.walk(2, 3, "sub"));
      assertEquals(Errno.ENOENT, driver.walk(2, 4, "deep"));
      assertNotEquals(0, driver.begin(P9.TREMOVE).u32(2).send());
      assertTrue(Files.isSymbolicLink(folder.resolve("dir")));
    }
  }

  @Test
  void specialFilesAreNotOpened() throws Exception {
    Path socket = folder.resolve("socket");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        P9Driver driver = mount()) {
      server.bind(UnixDomainSocketAddress.of(socket));
      driver.begin(P9.TMKNOD).u32(ROOT).string("pipe").u32(0010600).u32(0).u32(0).u32(0).expect();
      for (String name : List.of("socket", "pipe")) {
        assertEquals(0, driver.walk(ROOT, 2, name));
        for (int flags : new int[] {0, 1, 2, OpenFlags.O_NONBLOCK, OpenFlags.O_TRUNC}) {
          assertEquals(Errno.ENXIO, driver.open(2, flags), name);
        }
        assertEquals(0, driver.walk(ROOT, 3));
        driver.begin(P9.TLCREATE).u32(3).string(name).u32(1).u32(0600).u32(0);
        assertEquals(Errno.ENXIO, driver.send(), name);
        assertNotEquals(0, set(driver, P9.SETATTR_SIZE));
        assertEquals(0, driver.clunk(2));
        assertEquals(0, driver.clunk(3));
      }
    }
    try (P9Driver driver = P9Driver.mount(Path.of("/dev"), steps)) {
      for (String name : List.of("null", "zero", "full", "tty")) {
        assertEquals(0, driver.walk(ROOT, 2, name));
        assertEquals(Errno.ENXIO, driver.open(2, OpenFlags.O_RDWR), name);
        assertEquals(0, driver.clunk(2));
      }
    }
  }

  @Test
  void magicLinksLeadNowhere() throws IOException {
    Path open = above.resolve("secret");
    String self = Long.toString(ProcessHandle.current().pid());
    try (FileChannel held =
            FileChannel.open(open, StandardOpenOption.READ, StandardOpenOption.WRITE);
        P9Driver driver = P9Driver.mount(Path.of("/proc"), steps)) {
      assertTrue(held.isOpen());
      assertEquals(
          Errno.ENOTDIR, driver.walk(ROOT, 2, "self") == 0 ? driver.walk(2, 3, "root") : 0);
      assertEquals(0, driver.clunk(2));
      for (String name :
          List.of("root", "cwd", "exe", "ns/mnt", "ns/net", "task/" + self + "/root")) {
        leadsNowhere(driver, self, name);
      }
      assertEquals(0, driver.walk(ROOT, 2, self, "fd"));
      assertEquals(0, driver.open(2, OpenFlags.O_DIRECTORY));
      for (String number : driver.list(2).keySet()) {
        if (!number.startsWith(".")) {
          leadsNowhere(driver, self, "fd/" + number);
        }
      }
      assertEquals(0, driver.clunk(2));
    }
  }

  private static void leadsNowhere(P9Driver driver, String self, String link) {
    String[] parts = link.split("/", -1);
    String[] way = new String[parts.length + 2];
    way[0] = self;
    System.arraycopy(parts, 0, way, 1, parts.length);
    for (String next : List.of("etc", "..", "passwd", "secret")) {
      way[way.length - 1] = next;
      if (driver.walk(ROOT, 3, way) == 0) { // as far as the link, which may be gone
        assertTrue(driver.reply().getShort() <= way.length - 1, link);
      }
      assertEquals(Errno.EBADF, driver.clunk(3), link);
    }
    String[] toLink = new String[way.length - 1];
    System.arraycopy(way, 0, toLink, 0, toLink.length);
    if (driver.walk(ROOT, 4, toLink) != 0 || driver.reply().getShort() < toLink.length) {
      return;
    }
    for (int flags : new int[] {0, 1, 2, OpenFlags.O_TRUNC | 1, OpenFlags.O_DIRECTORY}) {
      assertEquals(Errno.ELOOP, driver.open(4, flags), link);
    }
    driver.begin(P9.TGETATTR).u32(4).u64(P9.GETATTR_BASIC);
    int mode = driver.expect().getInt(P9.HEADER_SIZE + 8 + 13);
    assertEquals(0120000, mode & 0170000, link);
    driver.begin(P9.TSETATTR).u32(4).u32(P9.SETATTR_MODE | P9.SETATTR_SIZE).u32(0).u32(0).u32(0);
    assertNotEquals(0, driver.u64(0).u64(0).u64(0).u64(0).u64(0).send(), link);
    assertNotEquals(0, driver.begin(P9.TLINK).u32(ROOT).u32(4).string("made").send(), link);
    driver.begin(P9.TXATTRWALK).u32(4).u32(5).string("user.x");
    assertNotEquals(0, driver.send(), link);
    assertEquals(0, driver.clunk(4), link);
  }

  @Test
  void aTargetOfALinkIsTextOfAnyKind() {
    try (P9Driver driver = mount()) {
      int n = 0;
      for (String target : List.of("/etc/passwd", "../..", "/proc/self/root", "x".repeat(4095))) {
        String name = "text-" + n++;
        driver.begin(P9.TSYMLINK).u32(ROOT).string(name).string(target).u32(0).expect();
        assertEquals(0, driver.walk(ROOT, 10 + n, name));
        ByteBuffer told = driver.begin(P9.TREADLINK).u32(10 + n).expect();
        byte[] text = new byte[told.getShort()];
        told.get(text);
        assertEquals(target, new String(text, StandardCharsets.UTF_8));
      }
      for (String target : List.of("", "a\0b", "x".repeat(4096))) {
        driver.begin(P9.TSYMLINK).u32(ROOT).string("none").string(target).u32(0);
        assertNotEquals(0, driver.send(), target);
      }
    }
  }
}
