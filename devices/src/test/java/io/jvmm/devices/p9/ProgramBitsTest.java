package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.host.tree.OpenFlags;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Setuid and setgid of what a guest's users write to; kept in attributes, so for any user. */
@Timeout(60)
class ProgramBitsTest {
  private static final int USER = 1000;
  private static final int USERS_ROOT = 2;
  private static final int FILE = 3;

  @TempDir(factory = BesideClasses.class, cleanup = CleanupMode.ALWAYS)
  private Path folder;

  private P9Driver driver;

  @BeforeEach
  void mount() {
    driver =
        P9Driver.mount(
            new ShareOptions(
                folder.toString(), "tag", false, Security.MAPPED_XATTR, null, CacheMode.MMAP));
    driver.begin(P9.TATTACH).u32(USERS_ROOT).u32(P9.NOFID).string("").string("").u32(USER);
    driver.expect();
    make("program", 06755);
  }

  @AfterEach
  void end() {
    driver.close();
  }

  private void make(String name, int mode) {
    assertEquals(0, driver.walk(ROOT, FILE));
    driver.begin(P9.TLCREATE).u32(FILE).string(name).u32(OpenFlags.O_RDWR).u32(mode).u32(0);
    driver.expect();
  }

  private String mode(int fid) {
    driver.begin(P9.TGETATTR).u32(fid).u64(P9.GETATTR_BASIC);
    return Integer.toOctalString(driver.expect().getInt(7 + 8 + 13));
  }

  private void setMode(int mode) {
    driver.begin(P9.TSETATTR).u32(FILE).u32(P9.SETATTR_MODE).u32(mode).u32(0).u32(0).u64(0);
    driver.u64(0).u64(0).u64(0).u64(0).expect();
  }

  private void openAs(int root, int fid, String name) {
    assertEquals(0, driver.walk(root, fid, name));
    assertEquals(0, driver.open(fid, OpenFlags.O_RDWR));
  }

  @Test
  void aUsersWriteTakesThem() {
    openAs(USERS_ROOT, 4, "program");
    assertEquals("", driver.read(4, 0, 10));
    assertEquals("106755", mode(FILE));
    assertEquals(0, driver.write(4, 0, "x"));
    assertEquals("100755", mode(FILE));
  }

  @Test
  void rootsWriteDoesNot() {
    openAs(ROOT, 4, "program");
    assertEquals(0, driver.write(4, 0, "x"));
    assertEquals("106755", mode(FILE));
  }

  @Test
  void thoseThatAreSetAfterAUsersWriteGoWithTheNext() {
    openAs(USERS_ROOT, 4, "program");
    assertEquals(0, driver.write(4, 0, "x"));
    setMode(04711);
    assertEquals("104711", mode(FILE));
    assertEquals(0, driver.write(4, 0, "x"));
    assertEquals("100711", mode(FILE));
  }

  @Test
  void setgidOfWhatTheGroupDoesNotRunStays() {
    assertEquals(0, driver.clunk(FILE));
    make("locked", 02745);
    openAs(USERS_ROOT, 4, "locked");
    assertEquals(0, driver.write(4, 0, "x"));
    assertEquals("102745", mode(FILE));
  }
}
