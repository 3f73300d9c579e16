package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.tree.OpenFlags;
import io.jvmm.virtio.jvm.ShippedJvm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A driver that asks for too much, for nothing, and for what it has no right to. */
@Timeout(60)
class HostileDriverTest {
  private static final int ERROR = P9.TLERROR + 1;

  @TempDir private Path folder;

  @BeforeEach
  void makeFile() throws IOException {
    Files.writeString(folder.resolve("file"), "0123456789");
  }

  private static void open(P9Driver driver, int fid, String name, int flags) {
    assertEquals(0, driver.walk(ROOT, fid, name));
    assertEquals(0, driver.open(fid, flags));
  }

  @Test
  void countsWithoutSenseTakeNoMoreThanThereIsRoomFor() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      open(driver, 2, "file", OpenFlags.O_RDWR);
      assertEquals("0123456789", driver.read(2, 0, -1));
      assertEquals("", driver.read(2, 0, 0));
      assertEquals("", driver.read(2, Long.MAX_VALUE - 1, 0));
      driver.begin(P9.TREAD).u32(2).u64(Long.MAX_VALUE).u32(-1);
      assertEquals(Errno.EINVAL, driver.send());
      driver.begin(P9.TREAD).u32(2).u64(Long.MIN_VALUE).u32(1);
      assertEquals(Errno.EINVAL, driver.send());
      driver.begin(P9.TWRITE).u32(2).u64(0).u32(-1).bytes("short");
      assertEquals(Errno.EINVAL, driver.send());
      driver.begin(P9.TWRITE).u32(2).u64(Long.MAX_VALUE).u32(1).bytes("x");
      assertTrue(driver.send() != 0);
      assertEquals(0, driver.walk(ROOT, 3));
      assertEquals(0, driver.open(3, OpenFlags.O_DIRECTORY));
      driver.begin(P9.TREADDIR).u32(3).u64(0).u32(-1).expect();
      assertTrue(driver.reply().getInt() > 0);
      for (int count : new int[] {0, 1, 24}) { // not one entry fits
        driver.begin(P9.TREADDIR).u32(3).u64(0).u32(count);
        assertEquals(Errno.EINVAL, driver.send(), "count " + count);
      }
      driver.begin(P9.TREADDIR).u32(3).u64(-1).u32(1000);
      assertTrue(driver.send() != 0 || driver.reply().getInt() == 0);
      assertEquals(Errno.ENOTDIR, driver.begin(P9.TREADDIR).u32(2).u64(0).u32(1000).send());
      assertEquals(Errno.EISDIR, driver.begin(P9.TREAD).u32(3).u64(0).u32(1000).send());
      String[] names = new String[17];
      Arrays.fill(names, ".");
      assertEquals(Errno.EINVAL, driver.walk(ROOT, 4, names));
      assertEquals(Errno.EINVAL, driver.begin(P9.TWALK).u32(ROOT).u32(4).u16(0xffff).send());
      driver.begin(P9.TLOCK).u32(2).u8(1).u32(0).u64(-1).u64(-1).u32(1).string("x");
      assertEquals(Errno.EINVAL, driver.send());
    }
  }

  @Test
  void messagesAreAsLongAsWasAgreed() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      for (int tiny : new int[] {0, 7, 23, Session.MSIZE_MIN - 1}) {
        driver.begin(P9.TVERSION).u32(tiny).string("9P2000.L");
        assertEquals(Errno.EMSGSIZE, driver.send(), "msize " + tiny);
      }
      driver.begin(P9.TVERSION).u32(-1).string("9P2000.L").expect();
      assertEquals(Session.MSIZE_MAX, driver.reply().getInt());
      driver.begin(P9.TVERSION).u32(Session.MSIZE_MIN).string("9P2000.L").expect();
      driver.begin(P9.TATTACH).u32(ROOT).u32(P9.NOFID).string("").string("").u32(0).expect();
      assertEquals(0, driver.walk(ROOT, 2));
      driver.begin(P9.TLCREATE).u32(2).string("long").u32(OpenFlags.O_RDWR).u32(0600).u32(0);
      driver.expect();
      String data = "x".repeat(3000);
      assertEquals(0, driver.write(2, 0, data));
      assertEquals(0, driver.write(2, 3000, data));
      assertEquals(Session.MSIZE_MIN - 11, driver.read(2, 0, 1 << 20).length());
    }
  }

  @Test
  void aMessageThatEndsBeforeItsFidIsAboutNone() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      open(driver, 2, "file", OpenFlags.O_RDONLY); // what the next message would find there
      assertEquals(Errno.EINVAL, driver.begin(P9.TCLUNK).send());
      assertEquals(Errno.EINVAL, driver.begin(P9.TREMOVE).u16(2).send());
      assertEquals("0123456789", driver.read(2, 0, 100));
      assertTrue(Files.exists(folder.resolve("file")));
    }
  }

  @Test
  void whatCannotBeAnsweredIsNotDone() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      driver.withRoom(12);
      assertEquals(Errno.EMSGSIZE, driver.walk(ROOT, 2, "file"));
      assertEquals(0, driver.walk(ROOT, 3));
      assertEquals(0, driver.walk(ROOT, 4));
      assertEquals(Errno.EMSGSIZE, driver.open(3, OpenFlags.O_RDONLY));
      driver.begin(P9.TLCREATE).u32(4).string("made").u32(OpenFlags.O_RDWR).u32(0600).u32(0);
      assertEquals(Errno.EMSGSIZE, driver.send());
      driver.begin(P9.TMKDIR).u32(ROOT).string("made").u32(0700).u32(0);
      assertEquals(Errno.EMSGSIZE, driver.send());
      driver.begin(P9.TMKNOD).u32(ROOT).string("made").u32(0010600).u32(0).u32(0).u32(0);
      assertEquals(Errno.EMSGSIZE, driver.send());
      driver.begin(P9.TSYMLINK).u32(ROOT).string("made").string("x").u32(0);
      assertEquals(Errno.EMSGSIZE, driver.send());
      driver.begin(P9.TXATTRWALK).u32(ROOT).u32(5).string("");
      assertEquals(Errno.EMSGSIZE, driver.send());
      driver.begin(P9.TATTACH).u32(6).u32(P9.NOFID).string("").string("").u32(0);
      assertEquals(Errno.EMSGSIZE, driver.send());
      driver.withRoom(4096);
      for (int none : new int[] {2, 5, 6}) {
        assertEquals(Errno.EBADF, driver.clunk(none), "fid " + none);
      }
      assertFalse(Files.exists(folder.resolve("made")));
      assertEquals(0, driver.open(3, OpenFlags.O_RDONLY)); // neither was open
      assertEquals(0, driver.open(4, OpenFlags.O_RDONLY));
    }
  }

  @Test
  void fidsComeToAnEndAndComeBack() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      int last = ROOT;
      while (driver.walk(ROOT, last + 1) == 0) {
        last++;
      }
      assertEquals(Session.FIDS_MAX, last);
      assertEquals(Errno.EMFILE, driver.walk(ROOT, last + 1));
      assertEquals(Errno.EMFILE, driver.walk(ROOT, last + 1, "file"));
      driver.begin(P9.TXATTRWALK).u32(ROOT).u32(last + 1).string("");
      assertEquals(Errno.EMFILE, driver.send());
      assertEquals(0, driver.walk(last, last, "file")); // takes no other
      for (int fid = last; fid > last - 100; fid--) {
        assertEquals(0, driver.clunk(fid));
      }
      for (int fid = last; fid > last - 100; fid--) {
        assertEquals(0, driver.walk(ROOT, fid, "file"));
      }
      assertEquals(Errno.EMFILE, driver.walk(ROOT, last + 1));
    }
  }

  @Test
  void attributesInMemoryComeToAnEndAndComeBack() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      int fid = ROOT;
      int error = 0;
      while (error == 0) {
        assertEquals(0, driver.walk(ROOT, ++fid, "file"));
        error = driver.begin(P9.TXATTRCREATE).u32(fid).string("user.x").u64(65536).u32(0).send();
      }
      assertEquals(Errno.EMFILE, error);
      assertEquals(Session.ATTRIBUTES_MAX, fid - ROOT - 1);
      driver.begin(P9.TXATTRWALK).u32(ROOT).u32(fid + 1).string("");
      assertEquals(Errno.EMFILE, driver.send());
      driver.begin(P9.TREMOVE).u32(ROOT + 1);
      assertEquals(0, driver.send());
      driver.begin(P9.TXATTRWALK).u32(ROOT).u32(fid + 1).string("").expect();
      assertEquals(0, driver.clunk(fid + 1));
      driver.begin(P9.TXATTRWALK).u32(ROOT).u32(fid + 1).string("").expect();
      driver.begin(P9.TXATTRWALK).u32(ROOT).u32(fid + 2).string("");
      assertEquals(Errno.EMFILE, driver.send());
      driver.begin(P9.TVERSION).u32(8192).string("9P2000.L").expect();
      driver.begin(P9.TATTACH).u32(ROOT).u32(P9.NOFID).string("").string("").u32(0).expect();
      driver.begin(P9.TXATTRWALK).u32(ROOT).u32(fid + 2).string("").expect();
    }
  }

  @Test
  void aFidThatIsAnAttributeIsNothingElse() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      assertEquals(0, driver.walk(ROOT, 2));
      driver.begin(P9.TXATTRCREATE).u32(2).string("user.x").u64(4).u32(0).expect();
      assertEquals(Errno.EINVAL, driver.open(2, OpenFlags.O_RDONLY));
      driver.begin(P9.TLCREATE).u32(2).string("made").u32(OpenFlags.O_RDWR).u32(0600).u32(0);
      assertEquals(Errno.EINVAL, driver.send());
      driver.begin(P9.TXATTRCREATE).u32(2).string("user.y").u64(4).u32(0);
      assertEquals(Errno.EINVAL, driver.send());
      assertEquals(Errno.EBUSY, driver.walk(2, 2, "file"));
      assertEquals(Errno.EBADF, driver.begin(P9.TREADDIR).u32(2).u64(0).u32(1000).send());
      assertEquals(Errno.ERANGE, driver.write(2, 3, "no"));
      assertEquals(Errno.ERANGE, driver.write(2, Integer.MAX_VALUE, "no"));
      driver.begin(P9.TREAD).u32(2).u64(0).u32(4);
      assertEquals(Errno.EBADF, driver.send());
    }
    assertFalse(Files.exists(folder.resolve("made")));
  }

  @Test
  void flushesAreAnsweredInTheirOrderBehindWhatTheyAreAbout() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      open(driver, 2, "file", OpenFlags.O_RDWR);
      driver.begin(P9.TFSYNC).u32(2).u32(0).tag(100).post(); // waits for the medium
      driver.begin(P9.TFLUSH).u16(100).tag(101).post();
      driver.begin(P9.TFLUSH).u16(100).tag(102).post();
      driver.begin(P9.TFLUSH).u16(101).tag(103).post(); // a flush is not under way
      driver.begin(P9.TFLUSH).u16(100).tag(104).post();
      driver.begin(P9.TFLUSH).u16(999).tag(105).post();
      driver.begin(P9.TFLUSH).u16(106).tag(106).post();
      List<String> early = List.of("109 103", "109 105", "109 106");
      List<String> late = List.of("51 100", "109 101", "109 102", "109 104");
      List<String> all = new ArrayList<>(early);
      all.addAll(late);
      assertEquals(all, driver.exchange());
    }
  }

  @Test
  void aTagThatIsUnderWayTwiceIsAnsweredTwice() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      open(driver, 2, "file", OpenFlags.O_RDWR);
      for (int i = 0; i < 10; i++) {
        driver.begin(P9.TFSYNC).u32(2).u32(0).tag(7).post();
      }
      driver.begin(P9.TFLUSH).u16(7).tag(8).post();
      List<String> replies = driver.exchange();
      assertEquals(10, replies.stream().filter("51 7"::equals).count());
      assertEquals(1, replies.stream().filter("109 8"::equals).count());
    }
  }

  @Test
  void aFidThatIsInUseIsClunkedAllTheSame() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      for (int i = 0; i < 20; i++) {
        open(driver, 2, "file", OpenFlags.O_RDWR);
        driver.begin(P9.TFSYNC).u32(2).u32(0).tag(1).post();
        driver.begin(P9.TCLUNK).u32(2).tag(2).post();
        driver.begin(P9.TFSYNC).u32(2).u32(0).tag(3).post();
        List<String> replies = driver.exchange();
        assertTrue(replies.containsAll(List.of("51 1", "121 2", ERROR + " 3")), replies::toString);
      }
    }
  }

  @Test
  void aVersionWaitsForAllBeforeIt() {
    try (P9Driver driver = P9Driver.mount(folder)) {
      open(driver, 2, "file", OpenFlags.O_RDWR);
      driver.begin(P9.TFSYNC).u32(2).u32(0).tag(1).post();
      driver.begin(P9.TVERSION).u32(8192).string("9P2000.L").tag(2).post();
      driver.begin(P9.TFSYNC).u32(2).u32(0).tag(3).post();
      assertEquals(List.of("51 1", "101 2", ERROR + " 3"), driver.exchange());
    }
  }

  @Test
  void aRootListsItselfAsItsParent() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    try (P9Driver driver = P9Driver.mount(inner)) {
      assertEquals(0, driver.walk(ROOT, 2));
      assertEquals(0, driver.open(2, OpenFlags.O_DIRECTORY));
      long root = driver.reply().getLong(P9.HEADER_SIZE + 5);
      ByteBuffer entries = driver.begin(P9.TREADDIR).u32(2).u64(0).u32(1000).expect();
      int end = P9.DATA_HEADER_SIZE + entries.getInt();
      for (int at = P9.DATA_HEADER_SIZE; at < end; at += 24 + entries.getShort(at + 22)) {
        assertEquals(root, entries.getLong(at + 5)); // of . and of ..
      }
    }
  }

  @Test
  void aHostWithoutDescriptorsDoesAllTheSameOnOneThread() throws Exception {
    assertEquals(
        "done", ShippedJvm.runBy(List.of("prlimit", "--nofile=200"), HostileDriverTest.class));
  }

  /** With few descriptors. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("jvmm-share");
    Path file = Files.writeString(folder.resolve("file"), "x");
    List<InputStream> all = new ArrayList<>();
    loadClasses(folder);
    try (P9Driver driver = P9Driver.mount(folder)) {
      open(driver, 2, "file", OpenFlags.O_RDWR);
      try {
        while (true) {
          all.add(Files.newInputStream(file));
        }
      } catch (IOException full) {
        assertTrue(full.toString().contains("Too many open files"), full::toString);
      }
      assertEquals(0, driver.begin(P9.TFSYNC).u32(2).u32(0).send());
      assertEquals(Errno.EMFILE, driver.walk(ROOT, 3, "file"));
      all.removeLast().close();
      assertEquals(0, driver.walk(ROOT, 3, "file"));
      for (InputStream open : all) {
        open.close();
      }
    }
    Files.delete(file);
    Files.delete(folder);
    System.out.println("done");
  }

  /** A class of the tests is a file, which wants a descriptor. */
  private static void loadClasses(Path folder) throws IOException {
    Files.newInputStream(folder.resolve("file")).close();
    assertThrows(SyscallException.class, () -> P9Driver.mount(folder.resolve("none")));
    try (P9Driver driver = P9Driver.mount(folder)) {
      open(driver, 2, "file", OpenFlags.O_RDWR);
      assertEquals(0, driver.begin(P9.TFSYNC).u32(2).u32(0).send());
      assertEquals(Errno.ENOENT, driver.walk(ROOT, 3, "none"));
    }
  }
}
