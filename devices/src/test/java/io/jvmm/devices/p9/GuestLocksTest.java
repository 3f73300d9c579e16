package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.host.Errno;
import io.jvmm.host.tree.OpenFlags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two guests that lock ranges of one file. */
@Timeout(60)
class GuestLocksTest {
  private static final int READ = P9.LOCK_TYPE_RDLCK;
  private static final int WRITE = P9.LOCK_TYPE_WRLCK;
  private static final int UNLOCK = P9.LOCK_TYPE_UNLCK;

  // Fids of the file.
  private static final int FIRST = 2;
  private static final int SECOND = 3;

  // Processes of a guest's.
  private static final int ONE = 100;
  private static final int TWO = 200;

  @TempDir private Path folder;

  private P9Driver guest;
  private P9Driver other;

  @BeforeEach
  void mount() throws IOException {
    Files.writeString(folder.resolve("file"), "x");
    guest = mounted();
    other = mounted();
  }

  @AfterEach
  void end() {
    guest.close();
    other.close();
  }

  private P9Driver mounted() {
    P9Driver driver = P9Driver.mount(folder);
    for (int fid : new int[] {FIRST, SECOND}) {
      assertEquals(0, driver.walk(ROOT, fid, "file"));
      assertEquals(0, driver.open(fid, OpenFlags.O_RDWR));
    }
    return driver;
  }

  /** The status that the driver is told: taken, or blocked. */
  private static int lock(
      P9Driver driver, int fid, int process, int type, long start, long length) {
    driver.begin(P9.TLOCK).u32(fid).u8(type).u32(0).u64(start).u64(length).u32(process);
    return driver.string("name").expect().get();
  }

  private static void takes(
      P9Driver driver, int fid, int process, int type, long start, long length) {
    assertEquals(P9.LOCK_SUCCESS, lock(driver, fid, process, type, start, length));
  }

  private static void isRefused(P9Driver driver, int type, long start, long length) {
    assertEquals(P9.LOCK_BLOCKED, lock(driver, FIRST, ONE, type, start, length));
  }

  @Test
  void whatOneGuestHasTheOtherIsRefused() {
    takes(guest, FIRST, ONE, WRITE, 10, 10);
    isRefused(other, WRITE, 15, 1);
    isRefused(other, READ, 0, 0);
    takes(other, FIRST, ONE, WRITE, 20, 0);
    isRefused(guest, WRITE, 1L << 40, 1);
    takes(guest, FIRST, ONE, UNLOCK, 13, 2);
    takes(other, FIRST, ONE, WRITE, 13, 2);
    isRefused(other, WRITE, 12, 1);
    isRefused(other, WRITE, 15, 1);
    takes(guest, FIRST, ONE, READ, 10, 3);
    takes(other, FIRST, ONE, READ, 10, 3);
    isRefused(other, WRITE, 10, 3);
  }

  @Test
  void theFilesOfOneProcessAreOneOwner() {
    takes(guest, FIRST, ONE, READ, 10, 10);
    takes(guest, SECOND, ONE, WRITE, 10, 10);
    isRefused(other, READ, 10, 1);
    takes(guest, FIRST, ONE, UNLOCK, 0, 0);
    takes(other, FIRST, ONE, WRITE, 10, 10);
  }

  @Test
  void whatOneReaderGivesBackIsStillTheOthers() {
    takes(guest, FIRST, ONE, READ, 0, 100);
    takes(guest, SECOND, TWO, READ, 50, 100);
    takes(guest, FIRST, ONE, UNLOCK, 0, 0);
    takes(other, FIRST, ONE, WRITE, 0, 50);
    isRefused(other, WRITE, 50, 1);
    isRefused(other, WRITE, 149, 1);
    takes(other, FIRST, ONE, WRITE, 150, 1);
    takes(guest, SECOND, TWO, UNLOCK, 0, 0);
    takes(other, FIRST, ONE, WRITE, 0, 0);
  }

  @Test
  void aProcessThatClosesAnInheritedFileTakesNothingFromItsParent() {
    takes(guest, FIRST, ONE, WRITE, 0, 10);
    takes(guest, FIRST, TWO, UNLOCK, 0, 0);
    isRefused(other, READ, 0, 10);
  }

  @Test
  void twoDescriptorsThatShareAWholeFileHaveItOneByOne() {
    takes(guest, FIRST, ONE, READ, 0, 0);
    takes(guest, SECOND, ONE, READ, 0, 0);
    takes(guest, FIRST, ONE, UNLOCK, 0, 0);
    isRefused(other, WRITE, 0, 0);
    takes(guest, SECOND, ONE, UNLOCK, 0, 0);
    takes(other, FIRST, ONE, WRITE, 0, 0);
  }

  @Test
  void aFileThatIsClunkedGivesBackWhatNobodyElseHas() {
    takes(guest, FIRST, ONE, READ, 0, 10);
    takes(guest, FIRST, ONE, WRITE, 10, 10);
    takes(guest, SECOND, TWO, READ, 0, 5);
    assertEquals(0, guest.clunk(FIRST));
    takes(other, FIRST, ONE, WRITE, 5, 100);
    isRefused(other, WRITE, 0, 5);
    assertEquals(0, guest.clunk(SECOND));
    takes(other, FIRST, ONE, WRITE, 0, 5);
  }

  @Test
  void aGuestThatBeginsAnewHasNoLocks() {
    takes(guest, FIRST, ONE, WRITE, 0, 0);
    guest.begin(P9.TVERSION).u32(8192).string("9P2000.L").expect();
    takes(other, FIRST, ONE, WRITE, 0, 0);
  }

  @Test
  void whoAsksIsToldOfTheOtherGuestsLockAndNotOfItsOwn() {
    takes(guest, FIRST, ONE, WRITE, 10, 10);
    takes(other, FIRST, ONE, READ, 30, 5);
    assertEquals("1 10 10", inTheWay(other, WRITE));
    assertEquals("1 10 10", inTheWay(other, UNLOCK)); // Linux names no kind
    assertEquals("0 30 5", inTheWay(guest, WRITE));
    assertEquals(UNLOCK, Integer.parseInt(inTheWay(guest, READ).substring(0, 1)));
  }

  private static String inTheWay(P9Driver driver, int type) {
    driver.begin(P9.TGETLOCK).u32(SECOND).u8(type).u64(0).u64(0).u32(ONE).string("name");
    ByteBuffer reply = driver.expect();
    return reply.get() + " " + reply.getLong() + " " + reply.getLong();
  }

  @Test
  void rangesBehindAllEndsAreNone() {
    guest.begin(P9.TLOCK).u32(FIRST).u8(WRITE).u32(0).u64(Long.MAX_VALUE).u64(2).u32(ONE);
    assertEquals(Errno.EINVAL, guest.string("name").send());
    takes(guest, FIRST, ONE, WRITE, Long.MAX_VALUE, 1);
    isRefused(other, READ, 5, 0);
    takes(guest, FIRST, ONE, UNLOCK, Long.MAX_VALUE, 1);
    takes(other, FIRST, ONE, READ, 5, 0);
  }

  @Test
  void aGuestHasNotMoreRangesThanThereMayBe() {
    for (int i = 0; i < GuestLocks.HELD_MAX; i++) {
      takes(guest, FIRST, ONE, WRITE, 2L * i, 1);
    }
    guest.begin(P9.TLOCK).u32(FIRST).u8(WRITE).u32(0).u64(1L << 40).u64(1).u32(ONE);
    assertEquals(Errno.ENOLCK, guest.string("name").send());
    takes(guest, FIRST, ONE, UNLOCK, 0, 0);
    takes(guest, FIRST, ONE, WRITE, 1L << 40, 1);
  }
}
