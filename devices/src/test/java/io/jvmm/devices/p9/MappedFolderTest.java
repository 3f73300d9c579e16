package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.host.tree.OpenFlags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Owners, modes and kinds that the host keeps in attributes ({@code security=mapped-xattr}). */
@Timeout(60)
class MappedFolderTest {
  private static final int LINK = 0120777;
  private static final int EPERM = Errno.EPERM;

  /** Beside the classes, on a disk: where temporary files are, a file system may have none. */
  @TempDir(factory = BesideClasses.class, cleanup = CleanupMode.ALWAYS)
  private Path folder;

  private P9Driver driver;

  @BeforeEach
  void mount() {
    driver =
        P9Driver.mount(
            new ShareOptions(
                folder.toString(), "tag", false, Security.MAPPED_XATTR, null, CacheMode.MMAP));
  }

  @AfterEach
  void end() {
    driver.close();
  }

  /** What the host has: its own mode, and the attribute in hexadecimal digits. */
  private String kept(String file, String attribute) throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(
            folder.resolve(file), UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    ByteBuffer value = ByteBuffer.allocate(view.size(attribute));
    view.read(attribute, value);
    return HexFormat.of().formatHex(value.array());
  }

  private void keep(String file, String attribute, String hex) throws IOException {
    Files.getFileAttributeView(folder.resolve(file), UserDefinedFileAttributeView.class)
        .write(attribute, ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
  }

  private String hostMode(String file) throws IOException {
    Path path = folder.resolve(file);
    String kind = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? "file " : "other ";
    return kind + PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  /** A new fid for what has a name in the root; its mode, owner and device number. */
  private String status(int fid, String name) {
    assertEquals(0, driver.walk(ROOT, fid, name));
    return status(fid);
  }

  private String status(int fid) {
    ByteBuffer is = driver.begin(P9.TGETATTR).u32(fid).u64(P9.GETATTR_BASIC).expect();
    int at = is.position() + 8 + P9.QID_SIZE;
    String shown =
        Integer.toOctalString(is.getInt(at)) + " " + is.getInt(at + 4) + ":" + is.getInt(at + 8);
    long device = is.getLong(at + 20);
    return device == 0 ? shown : shown + " " + Long.toHexString(device);
  }

  private int qidType(String name) {
    assertEquals(0, driver.walk(ROOT, 99, name));
    ByteBuffer walked = driver.reply();
    walked.getShort();
    int type = walked.get() & 0xff;
    assertEquals(0, driver.clunk(99));
    return type;
  }

  private int set(int fid, int valid, int mode, int uid, int gid) {
    driver.begin(P9.TSETATTR).u32(fid).u32(valid).u32(mode).u32(uid).u32(gid);
    return driver.u64(0).u64(0).u64(0).u64(0).u64(0).send();
  }

  private void makeNode(String name, int mode, int major, int minor) {
    driver.begin(P9.TMKNOD).u32(ROOT).string(name).u32(mode).u32(major).u32(minor).u32(7).expect();
  }

  @Test
  void aFilesOwnerAndModeAreTheGuestsAndTheHostsIsPrivate() throws IOException {
    driver.begin(P9.TATTACH).u32(2).u32(P9.NOFID).string("").string("").u32(1000).expect();
    driver.begin(P9.TLCREATE).u32(2).string("file").u32(OpenFlags.O_RDWR).u32(04751).u32(50);
    driver.expect();
    assertEquals("104751 1000:50", status(2));
    assertEquals("file rw-------", hostMode("file"));
    assertEquals("e8030000", kept("file", "virtfs.uid"));
    assertEquals("32000000", kept("file", "virtfs.gid"));
    assertEquals("e9890000", kept("file", "virtfs.mode"));
    assertEquals(0, driver.write(2, 0, "text"));
    assertEquals(0, set(2, P9.SETATTR_MODE, 0100600, 0, 0));
    assertEquals(0, set(2, P9.SETATTR_GID, 0, 0, 51));
    assertEquals("100600 1000:51", status(3, "file"));
    assertEquals("text", Files.readString(folder.resolve("file")));
  }

  @Test
  void aProgramThatAUserWritesToIsSetuidNoMore() throws IOException {
    driver.begin(P9.TLCREATE).u32(ROOT).string("run").u32(OpenFlags.O_RDWR).u32(06777).u32(0);
    driver.expect();
    driver.begin(P9.TATTACH).u32(2).u32(P9.NOFID).string("").string("").u32(1000).expect();
    assertEquals(0, driver.walk(2, 3, "run"));
    assertEquals("106777 0:0", status(3));
    assertEquals(0, driver.open(3, OpenFlags.O_WRONLY));
    assertEquals(0, driver.write(3, 0, "x"));
    assertEquals("100777 0:0", status(3));
    assertEquals("file rw-------", hostMode("run"));
  }

  @Test
  void aDirectorysOwnerAndModeAreTheGuests() throws IOException {
    driver.begin(P9.TMKDIR).u32(ROOT).string("sub").u32(01777).u32(9).expect();
    assertEquals("41777 0:9", status(2, "sub"));
    assertEquals("other rwx------", hostMode("sub"));
    assertEquals("ff430000", kept("sub", "virtfs.mode"));
    assertEquals(P9.QTDIR, qidType("sub"));
    assertEquals(0, set(ROOT, P9.SETATTR_MODE | P9.SETATTR_UID, 040711, 12, 0));
    assertTrue(status(ROOT).startsWith("40711 12:"), status(ROOT));
  }

  @Test
  void aSymbolicLinkIsAFileOnTheHostThatNoGuestOpens() throws IOException {
    driver.begin(P9.TSYMLINK).u32(ROOT).string("link").string("../any where").u32(3).expect();
    assertEquals(P9.QTSYMLINK, driver.reply().get());
    assertEquals("120777 0:3", status(2, "link"));
    assertEquals(P9.QTSYMLINK, qidType("link"));
    assertEquals(12, driver.begin(P9.TREADLINK).u32(2).expect().getShort());
    assertTrue(
        StandardCharsets.UTF_8.decode(driver.reply()).toString().contentEquals("../any where"));
    assertEquals(Errno.ELOOP, driver.open(2, OpenFlags.O_RDONLY));
    assertEquals("file rw-------", hostMode("link"));
    assertEquals("../any where", Files.readString(folder.resolve("link")));
    assertEquals("ffa10000", kept("link", "virtfs.mode"));
    driver.begin(P9.TSYMLINK).u32(ROOT).string("link").string("again").u32(3);
    assertEquals(Errno.EEXIST, driver.send());
    assertEquals("../any where", Files.readString(folder.resolve("link")));
  }

  @Test
  void specialFilesAreEmptyFilesOnTheHost() throws IOException {
    makeNode("pipe", 0010640, 0, 0);
    makeNode("socket", 0140755, 0, 0);
    makeNode("terminal", 0020620, 4, 64);
    makeNode("disk", 0060660, 0x1fff, 0x12345);
    assertEquals("10640 0:7", status(2, "pipe"));
    assertEquals("140755 0:7", status(3, "socket"));
    assertEquals("20620 0:7 440", status(4, "terminal"));
    assertEquals("60660 0:7 1000123fff45", status(5, "disk"));
    for (String name : List.of("pipe", "socket", "terminal", "disk")) {
      assertEquals("file rw-------", hostMode(name));
      assertEquals(0, Files.size(folder.resolve(name)));
    }
    assertEquals("4004000000000000", kept("terminal", "virtfs.rdev"));
    for (int fid = 2; fid <= 5; fid++) {
      assertEquals(Errno.ENXIO, driver.open(fid, OpenFlags.O_RDWR));
    }
    assertEquals(0, set(2, P9.SETATTR_MODE, 0100604, 0, 0));
    assertEquals("10604 0:7", status(2));
  }

  @Test
  void aListSaysNothingOfWhatAFileStandsFor() throws IOException {
    driver.begin(P9.TSYMLINK).u32(ROOT).string("link").string("to").u32(0).expect();
    Files.createDirectory(folder.resolve("sub"));
    assertEquals(0, driver.walk(ROOT, 2));
    assertEquals(0, driver.open(2, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY));
    ByteBuffer entries = driver.begin(P9.TREADDIR).u32(2).u64(0).u32(4096).expect();
    entries.getInt();
    Map<String, Integer> types = new HashMap<>();
    while (entries.hasRemaining()) {
      entries.position(entries.position() + P9.QID_SIZE + Long.BYTES);
      int type = entries.get();
      byte[] name = new byte[entries.getShort()];
      entries.get(name);
      types.put(new String(name, StandardCharsets.UTF_8), type);
    }
    assertEquals(Map.of(".", 4, "..", 4, "link", 0, "sub", 4), types);
  }

  @Test
  void whatTheHostHasPutThereIsShownAsItIs() throws IOException {
    Files.writeString(folder.resolve("file"), "x");
    Files.setPosixFilePermissions(
        folder.resolve("file"), PosixFilePermissions.fromString("rw-r--r--"));
    Files.createSymbolicLink(folder.resolve("link"), Path.of("to"));
    int uid = (int) Files.getAttribute(folder.resolve("file"), "unix:uid");
    int gid = (int) Files.getAttribute(folder.resolve("file"), "unix:gid");
    assertEquals("100644 " + uid + ":" + gid, status(2, "file"));
    assertEquals("120777 " + uid + ":" + gid, status(3, "link"));
    assertEquals(2, driver.begin(P9.TREADLINK).u32(3).expect().getShort());
    assertEquals(Errno.ELOOP, driver.open(3, OpenFlags.O_RDONLY));
    assertEquals(0, set(2, P9.SETATTR_MODE, 0100751, 0, 0));
    assertEquals("100751 " + uid + ":" + gid, status(2));
    assertEquals("file rw-r--r--", hostMode("file"));
  }

  @Test
  void whatAnotherServerOfThisFormatHasMadeIsShown() throws IOException {
    Files.writeString(folder.resolve("link"), "target");
    keep("link", "virtfs.uid", "01000000");
    keep("link", "virtfs.gid", "02000000");
    keep("link", "virtfs.mode", "ffa10000");
    keep("link", "virtfs.rdev", "0000000000000000");
    Files.createFile(folder.resolve("disk"));
    keep("disk", "virtfs.mode", "b0610000");
    keep("disk", "virtfs.rdev", "0108000000000000");
    assertEquals("120777 1:2", status(2, "link"));
    assertEquals(6, driver.begin(P9.TREADLINK).u32(2).expect().getShort());
    assertTrue(status(3, "disk").startsWith("60660 "), status(3));
    assertTrue(status(3).endsWith(" 801"), status(3));
  }

  @Test
  void attributesWithoutSenseAreNotBelieved() throws IOException {
    Files.createDirectory(folder.resolve("sub"));
    keep("sub", "virtfs.mode", "ffa10000");
    Files.writeString(folder.resolve("file"), "x");
    keep("file", "virtfs.mode", "ed410000"); // a directory's
    keep("file", "virtfs.uid", "01");
    assertEquals(P9.QTDIR, qidType("sub"));
    assertTrue(status(2, "sub").startsWith("40777 "), status(2));
    assertEquals(P9.QTFILE, qidType("file"));
    assertTrue(status(3, "file").startsWith("100755 "), status(3));
    assertEquals(Errno.EINVAL, driver.begin(P9.TREADLINK).u32(3).send());
  }

  @Test
  void guestsNeitherSeeNorChangeWhatIsKept() throws IOException {
    driver.begin(P9.TLCREATE).u32(ROOT).string("file").u32(OpenFlags.O_RDWR).u32(0644).u32(0);
    driver.expect();
    driver.begin(P9.TATTACH).u32(2).u32(P9.NOFID).string("").string("").u32(0).expect();
    assertEquals(0, driver.walk(2, 3, "file"));
    String acl = "system.posix_acl_access";
    for (String name : List.of("user.note", "security.capability", acl)) {
      assertEquals(0, driver.walk(2, 4, "file"));
      driver.begin(P9.TXATTRCREATE).u32(4).string(name).u64(5).u32(0).expect();
      assertEquals(0, driver.write(4, 0, "value"));
      assertEquals(0, driver.clunk(4));
    }
    assertEquals("76616c7565", kept("file", "virtfs." + acl));
    driver.begin(P9.TXATTRWALK).u32(3).u32(4).string(acl).expect();
    assertEquals("value", driver.read(4, 0, 100));
    driver.begin(P9.TXATTRWALK).u32(3).u32(5).string("").expect();
    String[] names = driver.read(5, 0, 1000).split("\0", -1);
    assertArrayEquals(new String[] {"", "security.capability", acl, "user.note"}, sorted(names));
    for (String name : List.of("user.virtfs.mode", "user.virtfs." + acl, "user.virtfs.")) {
      driver.begin(P9.TXATTRWALK).u32(3).u32(6).string(name);
      assertEquals(Errno.ENODATA, driver.send());
      driver.begin(P9.TXATTRCREATE).u32(3).string(name).u64(4).u32(0);
      assertEquals(EPERM, driver.send());
      driver.begin(P9.TXATTRCREATE).u32(3).string(name).u64(0).u32(2);
      assertEquals(EPERM, driver.send());
    }
    assertEquals("a4810000", kept("file", "virtfs.mode"));
  }

  private static String[] sorted(String[] names) {
    String[] copy = names.clone();
    Arrays.sort(copy);
    return copy;
  }

  @Test
  void anAccessListThatIsNotThereCanBeTakenAway() {
    driver.begin(P9.TSYMLINK).u32(ROOT).string("x").string("y").u32(0).expect();
    driver.begin(P9.TMKDIR).u32(ROOT).string("sub").u32(0755).u32(0).expect();
    for (int flags : new int[] {0, 2}) {
      assertEquals(0, driver.walk(ROOT, 2, "sub"));
      driver.begin(P9.TXATTRCREATE).u32(2).string("system.posix_acl_default").u64(0).u32(flags);
      driver.expect();
      assertEquals(0, driver.clunk(2));
    }
    assertEquals(0, driver.walk(ROOT, 3, "sub"));
    driver.begin(P9.TXATTRWALK).u32(3).u32(4).string("system.posix_acl_default");
    assertEquals(Errno.ENODATA, driver.send());
  }

  @Test
  void linksAndNamesAreThoseOfTheMappedFiles() throws IOException {
    driver.begin(P9.TSYMLINK).u32(ROOT).string("link").string("to").u32(0).expect();
    assertEquals(0, driver.walk(ROOT, 2, "link"));
    driver.begin(P9.TLINK).u32(ROOT).u32(2).string("second").expect();
    driver.begin(P9.TRENAMEAT).u32(ROOT).string("link").u32(ROOT).string("moved").expect();
    assertEquals(P9.QTSYMLINK, qidType("moved"));
    assertEquals(Integer.toOctalString(LINK) + " 0:0", status(3, "second"));
    driver.begin(P9.TUNLINKAT).u32(ROOT).string("moved").u32(0).expect();
    assertEquals(Errno.ENOENT, driver.walk(ROOT, 4, "moved"));
  }
}
