package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.p9.ShareOptions.GuestOwner;
import io.jvmm.host.Errno;
import io.jvmm.host.process.EffectiveUser;
import io.jvmm.host.tree.OpenFlags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whose files are on the host what a guest makes, and whose it is told that they are. */
@Timeout(60)
class ShareOptionsTest {
  @TempDir private Path folder;

  private ShareOptions options(Security security, @Nullable GuestOwner shownAs) {
    return new ShareOptions(folder.toString(), "tag", false, security, shownAs, CacheMode.MMAP);
  }

  private static String owner(P9Driver driver, int fid) {
    ByteBuffer is = driver.begin(P9.TGETATTR).u32(fid).u64(P9.GETATTR_BASIC).expect();
    int at = is.position() + 8 + P9.QID_SIZE + 4;
    return is.getInt(at) + ":" + is.getInt(at + 4);
  }

  private static void create(P9Driver driver, int uid, int gid) {
    driver.begin(P9.TATTACH).u32(2).u32(P9.NOFID).string("").string("").u32(uid).expect();
    driver.begin(P9.TLCREATE).u32(2).string("new").u32(OpenFlags.O_RDWR).u32(04755).u32(gid);
    driver.expect();
  }

  private static int give(P9Driver driver, int fid, int uid, int gid) {
    driver.begin(P9.TSETATTR).u32(fid).u32(P9.SETATTR_UID | P9.SETATTR_GID).u32(0);
    return driver.u32(uid).u32(gid).u64(0).u64(0).u64(0).u64(0).u64(0).send();
  }

  private String hostOwner(String name) throws IOException {
    Path path = folder.resolve(name);
    return Files.getAttribute(path, "unix:uid") + ":" + Files.getAttribute(path, "unix:gid");
  }

  private static String mine() {
    return EffectiveUser.uid() + ":" + EffectiveUser.gid();
  }

  @Test
  void filesOfThisProcessAreShownAsAUsersOfTheGuest() throws IOException {
    try (P9Driver driver = P9Driver.mount(options(Security.NONE, new GuestOwner(1000, 50)))) {
      assertEquals("1000:50", owner(driver, ROOT));
      create(driver, 7, 8);
      assertEquals("1000:50", owner(driver, 2));
      assertEquals(0, give(driver, 2, 12, 13));
      assertEquals("1000:50", owner(driver, 2));
    }
    assertEquals(mine(), hostOwner("new"));
  }

  @Test
  void otherwiseFilesOfThisProcessAreShownAsTheyAre() throws IOException {
    try (P9Driver driver = P9Driver.mount(options(Security.NONE, null))) {
      create(driver, 7, 8);
      assertEquals(mine(), owner(driver, 2));
    }
    assertEquals(mine(), hostOwner("new"));
    assertEquals(04755, (int) Files.getAttribute(folder.resolve("new"), "unix:mode") & 07777);
  }

  @Test
  void aShareWithoutOwnersHasNoAccessLists() throws IOException {
    Files.writeString(folder.resolve("file"), "x");
    try (P9Driver driver = P9Driver.mount(options(Security.NONE, null))) {
      assertEquals(0, driver.walk(ROOT, 2, "file"));
      for (String name : new String[] {"system.posix_acl_access", "security.capability"}) {
        driver.begin(P9.TXATTRWALK).u32(2).u32(3).string(name);
        assertEquals(Errno.EOPNOTSUPP, driver.send());
        driver.begin(P9.TXATTRCREATE).u32(2).string(name).u64(4).u32(0);
        assertEquals(Errno.EOPNOTSUPP, driver.send());
      }
    }
  }

  @Test
  void ownersThatAreKeptAreTheHostsByNumber() throws IOException {
    Assumptions.assumeTrue(EffectiveUser.isRoot(), "giving files away is for root");
    try (P9Driver driver = P9Driver.mount(options(Security.PASSTHROUGH, null))) {
      create(driver, 7, 8);
      assertEquals("7:8", owner(driver, 2));
      assertEquals(04755, (int) Files.getAttribute(folder.resolve("new"), "unix:mode") & 07777);
      assertEquals("7:8", hostOwner("new"));
      assertEquals(0, give(driver, 2, 12, 13));
      assertEquals("12:13", owner(driver, 2));
    }
    assertEquals("12:13", hostOwner("new"));
  }

  @Test
  void ownersThatAreKeptNeedRoot() {
    Assumptions.assumeFalse(EffectiveUser.isRoot(), "root may");
    ShareException told =
        assertThrows(
            ShareException.class, () -> Share.open(options(Security.PASSTHROUGH, null)).close());
    assertTrue(String.valueOf(told.getMessage()).contains("mapped-xattr"), told.getMessage());
  }

  @Test
  void aFileSystemWithoutAttributesIsToldAtTheStart() {
    // That of processes has none, whatever the kernel.
    ShareOptions options =
        new ShareOptions("/proc", "tag", true, Security.MAPPED_XATTR, null, CacheMode.MMAP);
    ShareException told = assertThrows(ShareException.class, () -> Share.open(options).close());
    assertTrue(String.valueOf(told.getMessage()).contains("/proc"), told.getMessage());
  }

  @Test
  void ownersThatAreKeptAreNotShownAsOthers() {
    assertThrows(
        IllegalArgumentException.class, () -> options(Security.MAPPED_XATTR, new GuestOwner(0, 0)));
  }

  @Test
  void accessListsAreKeptToWhereThatIsAskedForAndOwnersAreKept() {
    assertTrue(options(Security.MAPPED_XATTR, null).mountOptions().endsWith(",cache=mmap"));
    assertTrue(withAccessLists(Security.MAPPED_XATTR).mountOptions().endsWith(",posixacl"));
    assertThrows(IllegalArgumentException.class, () -> withAccessLists(Security.NONE));
  }

  private static ShareOptions withAccessLists(Security security) {
    return new ShareOptions("/", "tag", true, security, null, CacheMode.MMAP, true, List.of());
  }
}
